package io.littlelb.bench;

import io.littlelb.core.model.Cidr;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import io.littlelb.netlink.wire.NetlinkException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An address message written to the memory that goes to the kernel, and read back from it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {
    /** {@code IFA_F_NOPREFIXROUTE}. */
    private static final int FLAGS = 0x200;

    private static final int LINK = 3;
    private static final int OURS = 76;

    @Param({"198.18.0.9/24", "2001:db8::9/64"})
    private String address;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());
    private AddressMessage message;

    @Setup
    public void make() {
        message =
                new AddressMessage(Cidr.parse(address).orElseThrow(), LINK, 0, FLAGS, "", OURS, AddressMessage.FOREVER);
    }

    @Benchmark
    public AddressMessage encodeAndDecode() throws NetlinkException {
        message.writeTo(memory.clear());
        return AddressMessage.read(memory.flip());
    }

    @Benchmark
    public ByteBuffer encode() {
        message.writeTo(memory.clear());
        return memory;
    }
}
