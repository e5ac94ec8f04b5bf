package io.littlelb.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Who holds a name of the abstract namespace, unix(7), written with {@code @} for its zero byte; empty when that cannot be told. */
    public static Optional<SocketOwner> ofUnixName(String name) {
        // Num RefCount Protocol Flags Type St Inode Path
        return inode(NET.resolve("unix"), fields -> fields.length == 8 && fields[7].equals(name), 6)
                .flatMap(SocketOwner::ofInode);
    }

    /** Who listens on a TCP port, on this address or on all; empty when that cannot be told. */
    public static Optional<SocketOwner> ofListener(InetAddress ip, int port) {
        return ListeningSocket.all().stream()
                .filter(socket -> socket.has(ip, port))
                .flatMap(socket -> of(socket).stream())
                .findFirst();
    }

    /** Whose a socket is; empty when that cannot be told. */
    public static Optional<SocketOwner> of(ListeningSocket socket) {
        return ofInode(socket.inode());
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
