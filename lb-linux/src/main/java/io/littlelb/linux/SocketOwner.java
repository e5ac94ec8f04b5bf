package io.littlelb.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The process that has a socket open, as proc(5) tells it: of all processes to root, of its own to anybody else. Nothing is asked of the process
 * itself, so none can hold this up.
 *
 * @param user the number of the user it runs as
 * @param command its name, as the kernel has it
 */
public record SocketOwner(long pid, int user, String command) {
    private static final Path PROC = Path.of("/proc");
    /** The network of the calling thread, which need not be that of the process. */
    private static final Path NET = PROC.resolve("thread-self/net");

    private static final String LISTENING = "0A";
    /** What stands before an IPv4 address that an IPv6 socket has, RFC 4291 section 2.5.5.2. */
    private static final String MAPPED = "0".repeat(16) + inHostOrder(new byte[] {0, 0, -1, -1});

    /** Who holds a name of the abstract namespace, unix(7), written with {@code @} for its zero byte; empty when that cannot be told. */
    public static Optional<SocketOwner> ofUnixName(String name) {
        // Num RefCount Protocol Flags Type St Inode Path
        return inode(NET.resolve("unix"), fields -> fields.length == 8 && fields[7].equals(name), 6)
                .flatMap(SocketOwner::ofInode);
    }

    /** Who listens on a TCP port, on this address or on all; empty when that cannot be told. */
    public static Optional<SocketOwner> ofListener(InetAddress ip, int port) {
        return Stream.of("tcp", "tcp6")
                .flatMap(file -> inode(NET.resolve(file), fields -> listens(fields, ip, port), 9).stream())
                .flatMap(inode -> ofInode(inode).stream())
                .findFirst();
    }

    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    private static boolean listens(String[] fields, InetAddress ip, int port) {
        if (fields.length < 10 || !fields[3].equals(LISTENING)) {
            return false;
        }
        int colon = fields[1].indexOf(':');
        if (colon < 0 || Integer.parseInt(fields[1].substring(colon + 1), 16) != port) {
            return false;
        }
        String local = fields[1].substring(0, colon);
        String asked = inHostOrder(ip.getAddress());
        return local.equals(asked)
                || (ip instanceof Inet4Address && local.equals(MAPPED + asked))
                || local.chars().allMatch(digit -> digit == '0');
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

    private static Optional<String> inode(Path table, Predicate<String[]> row, int column) {
        try (Stream<String> lines = Files.lines(table)) {
            return lines.map(line -> line.strip().split("\\s+"))
                    .filter(row)
                    .map(fields -> fields[column])
                    .findFirst();
        } catch (IOException | RuntimeException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<SocketOwner> ofInode(String inode) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (hasOpen(process, "socket:[" + inode + "]")) {
                    return Optional.of(of(process));
                }
            }
        } catch (IOException gone) {
            // it has ended meanwhile: nobody has it
        }
        return Optional.empty();
    }

    private static boolean hasOpen(Path process, String target) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isLinkTo(descriptor, target)) {
                    return true;
                }
            }
        } catch (IOException hiddenOrGone) {
            return false;
        }
        return false;
    }

    private static boolean isLinkTo(Path descriptor, String target) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals(target);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static SocketOwner of(Path process) throws IOException {
        return new SocketOwner(
                Long.parseLong(process.getFileName().toString()),
                (Integer) Files.getAttribute(process, "unix:uid"),
                Files.readString(process.resolve("comm")).strip());
    }
}
