package io.littlelb.netlink.rtnetlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.littlelb.netlink.arp.ArpFrame;
import io.littlelb.netlink.wire.NetlinkConnection;
import io.littlelb.netlink.wire.NetlinkException;
import io.littlelb.netlink.wire.NetlinkMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Messages nobody should ever send: truncated, overlong, misaligned, with bits turned. They are read in full or refused by
 * name, and never read beyond their end.
 *
 * <p>{@code -Dnetlink.seed} repeats a run, {@code -Dnetlink.mutations} makes it longer.
 */
class MutatedMessageTest {
    /** A probe, and an announcement as short Ethernet frames come: padded to 60 bytes. */
    private static final List<String> FRAMES = List.of(
            "ffffffffffff 020000000009 0806 0001 0800 06 04 0001 020000000009 00000000 000000000000 c6120009",
            "ffffffffffff 020000000009 0806 0001 0800 06 04 0001 020000000009 c6120009 000000000000 c6120009"
                    + "000000000000000000000000000000000000");

    @Test
    void areReadOrRefusedByName() {
        long seed = Long.getLong("netlink.seed", System.nanoTime());
        long mutations = Long.getLong("netlink.mutations", 300_000);
        Random random = new Random(seed);
        long refused = 0;
        for (long i = 0; i < mutations; i++) {
            ByteBuffer datagram = mutate(Bytes.of(Bytes.ALL.get(random.nextInt(Bytes.ALL.size()))), random);
            String hex = Bytes.hex(datagram);
            try {
                readEverything(datagram);
            } catch (NetlinkException expected) {
                refused++;
            } catch (RuntimeException e) {
                fail("mutation " + i + " of seed " + seed + ": " + hex, e);
            }
        }
        assertThat(refused).isBetween(1L, mutations - 1); // else the mutations would be too wild, or too tame
    }

    @Test
    void framesAreReadOrRefusedAndTheirAddressesAreOfTheirBytes() {
        long seed = Long.getLong("netlink.seed", System.nanoTime());
        Random random = new Random(seed);
        long read = 0;
        long mutations = Long.getLong("netlink.mutations", 300_000);
        for (long i = 0; i < mutations; i++) {
            ByteBuffer frame = mutate(Bytes.of(FRAMES.get(random.nextInt(FRAMES.size()))), random);
            String hex = Bytes.hex(frame);
            try {
                Optional<ArpFrame> arp = ArpFrame.read(frame);
                if (arp.isPresent()) {
                    read++;
                    assertThat(Bytes.hex(ByteBuffer.wrap(arp.get().senderIp().getAddress())))
                            .isEqualTo(hex.substring(56, 64));
                }
            } catch (RuntimeException e) {
                fail("mutation " + i + " of seed " + seed + ": " + hex, e);
            }
        }
        assertThat(read).isBetween(1L, mutations - 1);
    }

    /** Whatever is read, is read as every kind of message: the type is only one more number to get wrong. */
    private static void readEverything(ByteBuffer datagram) throws NetlinkException {
        NetlinkException first = null;
        while (datagram.hasRemaining()) {
            NetlinkMessage message = NetlinkMessage.next(datagram);
            List<NetlinkConnection.Reader<?>> readers =
                    List.of(AddressMessage::read, LinkMessage::read, RouteMessage::read);
            for (NetlinkConnection.Reader<?> reader : readers) {
                try {
                    reader.read(message.payload());
                } catch (NetlinkException e) {
                    first = first == null ? e : first;
                }
            }
            assertThat(MessageText.of(message)).isNotEmpty();
            NetlinkConnection.checkEnd("mutation", message);
        }
        if (first != null) {
            throw first;
        }
    }

    private static ByteBuffer mutate(ByteBuffer seed, Random random) {
        int length = random.nextInt(4) == 0 ? random.nextInt(seed.capacity() + 1) : seed.capacity();
        byte[] bytes = new byte[length];
        seed.get(bytes);
        for (int i = random.nextInt(4); i > 0 && length > 0; i--) {
            int at = random.nextInt(length);
            bytes[at] = switch (random.nextInt(3)) {
                case 0 -> (byte) random.nextInt();
                case 1 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                default -> (byte) (random.nextBoolean() ? 0 : 0xff);
            };
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
