package io.littlelb.netlink;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that a fuzzer makes of real ones, led by the code that they reach. */
class MessageFuzzTest {
    static Stream<byte[]> real() {
        return Bytes.ALL.stream()
                .map(Bytes::of)
                .map(ByteBuffer::array);
    }

    @MethodSource("real")
    @FuzzTest(maxDuration = "3m")
    void areReadOrRefusedByName(byte[] bytes) {
        ByteBuffer datagram = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        try {
            while (datagram.hasRemaining()) {
                NetlinkMessage message = NetlinkMessage.next(datagram);
                Assertions.assertFalse(MessageText.of(message).isEmpty()); // reads what the type says
                NetlinkConnection.checkEnd("fuzz", message);
            }
        } catch (NetlinkException refused) {
            Assertions.assertNotNull(refused.getMessage());
        }
    }

    @FuzzTest(maxDuration = "1m")
    void framesAreReadOrLeft(byte[] bytes) {
        Optional<ArpFrame> frame = ArpFrame.read(ByteBuffer.wrap(bytes));
        Assertions.assertTrue(frame.isEmpty() || bytes.length >= ArpFrame.LENGTH);
    }
}
