package io.littlelb.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A TCP socket that listens in the network of the calling thread, whoever has it, as proc_pid_net(5) shows it to anybody.
 *
 * @param address as the kernel prints it there
 * @param inode what a descriptor of it links to
 */
public record ListeningSocket(String address, int port, String inode) {
    /** The network of the calling thread, which need not be that of the process. */
    private static final Path NET = Path.of("/proc/thread-self/net");

    private static final String LISTENING = "0A";
    private static final int IPV4_DIGITS = 8;
    /** What stands before an IPv4 address that an IPv6 socket has, RFC 4291 section 2.5.5.2. */
    private static final String MAPPED = "0".repeat(16) + inHostOrder(new byte[] {0, 0, -1, -1});

    /**
     * All of them; none where the kernel does not show them. It shows those that listen before all others, so a host with many connections is read
     * as fast as one without.
     */
    public static List<ListeningSocket> all() {
        List<ListeningSocket> all = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            try (Stream<String> lines = Files.lines(NET.resolve(table))) {
                lines.skip(1) // the names of the columns
                        .map(line -> line.strip().split("\\s+"))
                        .takeWhile(fields -> fields.length > 9 && fields[3].equals(LISTENING))
                        .map(ListeningSocket::of)
                        .forEach(all::add);
            } catch (IOException | RuntimeException unreadable) {
                // such as a host without IPv6
            }
        }
        return all;
    }

    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    private static ListeningSocket of(String[] fields) {
        int colon = fields[1].indexOf(':');
        return new ListeningSocket(
                fields[1].substring(0, colon), Integer.parseInt(fields[1].substring(colon + 1), 16), fields[9]);
    }

    /** Whether it listens on all addresses; one of IPv6 may, and then does mostly, listen on those of IPv4, too. */
    public boolean isOnAll() {
        return address.chars().allMatch(digit -> digit == '0');
    }

    /** Whether nobody else can listen there: it has this port on this address, or on all. */
    public boolean has(InetAddress ip, int wanted) {
        String asked = inHostOrder(ip.getAddress());
        return port == wanted
                && (isOnAll()
                        || address.equals(asked)
                        || (ip instanceof Inet4Address && address.equals(MAPPED + asked)));
    }

    /** Whether nobody else can, for all that can be seen: an IPv6 socket on all addresses may leave those of IPv4 to others, {@code IPV6_V6ONLY}. */
    public boolean surelyHas(InetAddress ip, int wanted) {
        boolean isOfTheOtherFamily = ip instanceof Inet4Address && isOnAll() && address.length() > IPV4_DIGITS;
        return has(ip, wanted) && !isOfTheOtherFamily;
    }

    /** As the kernel prints an address there: words of 32 bits, each in the order of this machine. */
    private static String inHostOrder(byte[] address) {
        ByteBuffer words = ByteBuffer.wrap(address);
        ByteBuffer swapped = ByteBuffer.allocate(address.length);
        while (words.hasRemaining()) {
            int word = words.getInt();
            swapped.putInt(ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? word : Integer.reverseBytes(word));
        }
        return HexFormat.of().withUpperCase().formatHex(swapped.array());
    }
}
