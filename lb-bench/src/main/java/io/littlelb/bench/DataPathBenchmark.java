package io.littlelb.bench;

import com.google.common.base.Ticker;
import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Balance;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.frontend.Chooser;
import io.littlelb.proxy.health.SocketOptions;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.tcp.PipePool;
import io.littlelb.proxy.tcp.SplicePipe;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jnr.ffi.Pointer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The pieces of the data path, each by itself, on sockets of the loopback link. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DataPathBenchmark {
    private static final InetAddress LOOPBACK = InetAddresses.forString("127.0.0.1");
    private static final int MESSAGE = 64;
    private static final Backends BACKENDS = new Backends.Listed(
            List.of(new Backend(LOOPBACK, 9001), new Backend(LOOPBACK, 9002), new Backend(LOOPBACK, 9003)));
    private static final TrafficPolicy BY_CLIENT = TrafficPolicy.DEFAULT.withBalance(Balance.CLIENT_IP);
    private static final TrafficPolicy LEAST = TrafficPolicy.DEFAULT.withBalance(Balance.LEAST_CONNECTIONS);

    private final Pointer bytes = Memory.allocate(PipePool.COPY_BYTES);
    private final Chooser chooser = new Chooser(backend -> false, backend -> 1, Ticker.systemTicker());
    private final SockAddr client = SockAddr.of(LOOPBACK, 40_000);

    private EventLoop loop;
    private Connected source;
    private Connected sink;
    private SplicePipe pipe;
    private Fd bell;

    /** Two ends of one TCP connection. */
    private record Connected(Fd near, Fd far) implements AutoCloseable {
        static Connected open() throws SyscallException {
            try (Fd listener = Linux.socket(SockAddr.AF_INET, Linux.SOCK_STREAM, 0)) {
                Linux.bind(listener, SockAddr.of(LOOPBACK, 0));
                Linux.listen(listener, 1);
                Fd near = Linux.socket(SockAddr.AF_INET, Linux.SOCK_STREAM, 0);
                Linux.connect(near, Linux.getsockname(listener));
                Fd far = new Fd(Linux.accept(listener, SockAddr.empty()));
                SocketOptions.applyTo(near);
                SocketOptions.applyTo(far);
                return new Connected(near, far);
            }
        }

        @Override
        public void close() {
            near.close();
            far.close();
        }
    }

    @Setup
    public void open() throws SyscallException {
        ProxyConfig config = ProxyConfig.DEFAULT;
        loop = new EventLoop(0, config.threads().busyPoll(), config.threads().errors());
        source = Connected.open();
        sink = Connected.open();
        pipe = new SplicePipe(
                new PipePool(
                        config.pipes().bytes(),
                        config.pipes().pooled(),
                        config.pipes().most(),
                        true),
                source.far(),
                sink.near());
        bell = Linux.eventfd();
        Pointer one = Memory.allocate(Long.BYTES);
        one.putLong(0, 1);
        Linux.write(bell, one, Long.BYTES);
        loop.watch(bell, Epoll.EPOLLIN, events -> {}); // never read, so always ready
    }

    @TearDown
    public void close() {
        List.of(source, sink).forEach(Connected::close);
        bell.close();
    }

    /** What the benchmark itself does for {@link #message}: 64 bytes through a connection, without a proxy. */
    @Benchmark
    public long withoutProxy() {
        Linux.send(source.near(), bytes, MESSAGE, 0);
        return Linux.recv(source.far(), bytes, MESSAGE, 0);
    }

    /** 64 bytes sent to the source, moved, and received from the sink. */
    @Benchmark
    public long message() {
        Linux.send(source.near(), bytes, MESSAGE, 0);
        pipe.fill();
        return Linux.recv(sink.far(), bytes, MESSAGE, 0);
    }

    /** One turn of the loop with one descriptor ready. */
    @Benchmark
    public long turn() throws SyscallException {
        loop.turn(loop.await(0));
        return loop.now();
    }

    @Benchmark
    public int chooseByTurns() {
        return chooser.choose(BACKENDS, TrafficPolicy.DEFAULT, client);
    }

    @Benchmark
    public int chooseLeastConnections() {
        return chooser.choose(BACKENDS, LEAST, client);
    }

    @Benchmark
    public int chooseByClient() {
        return chooser.choose(BACKENDS, BY_CLIENT, client);
    }
}
