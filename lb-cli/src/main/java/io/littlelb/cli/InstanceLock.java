package io.littlelb.cli;

import io.littlelb.linux.SocketOwner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two instances from serving one link: the abstract unix socket {@code @littlelb/LINK}, and, where this process may write there, a lock on a
 * file in {@code /run/lb}.
 *
 * <p>The name lives in the network namespace, as the link does, and goes with its owner's last descriptor, be it by {@code kill -9}: there is
 * no file to be left behind. But any user of the host can take a name. The file only root can lock: who has that is the instance, whoever has the name.
 */
final class InstanceLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(InstanceLock.class);
    private static final Path DIRECTORY = Path.of("/run/lb");

    private final String name;
    private final Optional<UnixServerSocketChannel> socket;
    private final Optional<FileChannel> file;

    private InstanceLock(String name, Optional<UnixServerSocketChannel> socket, Optional<FileChannel> file) {
        this.name = name;
        this.socket = socket;
        this.file = file;
    }

    /**
     * Becomes the instance of a link.
     *
     * @throws LinkServedException when another process is it already; the message names its pid
     */
    static InstanceLock take(String link) throws IOException {
        String name = nameOf(link);
        Optional<FileChannel> file = lockFile(link);
        UnixServerSocketChannel socket = UnixServerSocketChannel.open();
        try {
            socket.socket().bind(new UnixSocketAddress(name.replace('@', '\0')));
            return new InstanceLock(name, Optional.of(socket), file);
        } catch (IOException taken) {
            socket.close();
            return withoutTheName(link, name, file, taken);
        }
    }

    /**
     * Who is the instance of a link, without becoming it: one that starts at this moment must not find the link taken.
     *
     * @throws IOException when the sockets of this network cannot be read
     */
    static Optional<LinkServedException> instance(String link) throws IOException {
        String name = nameOf(link);
        try (Stream<String> sockets = Files.lines(Path.of("/proc/thread-self/net/unix"))) {
            if (sockets.noneMatch(line -> line.endsWith(" " + name))) {
                return Optional.empty();
            }
        }
        Optional<SocketOwner> owner = SocketOwner.ofUnixName(name);
        return Optional.of(new LinkServedException(link, owner.map(SocketOwner::pid), "it has the name " + name));
    }

    private static String nameOf(String link) {
        return "@littlelb/" + link;
    }

    /** Somebody has the name: another instance, unless it is a user who could not be one while this process has the file. */
    private static InstanceLock withoutTheName(String link, String name, Optional<FileChannel> file, IOException taken)
            throws IOException {
        Optional<SocketOwner> owner = SocketOwner.ofUnixName(name);
        boolean stranger = owner.filter(other -> other.user() != 0).isPresent();
        if (file.isPresent() && stranger) {
            log.warn(
                    "Process {} ({}) of user {} has the name {}, which is for instances of Little LB; {} is served all the same",
                    owner.get().pid(),
                    owner.get().command(),
                    owner.get().user(),
                    name,
                    link);
            return new InstanceLock(name, Optional.empty(), file);
        }
        close(file);
        throw new LinkServedException(link, owner.map(SocketOwner::pid), taken.getMessage());
    }

    /** Empty where this process may not write; the name alone has to do then. */
    private static Optional<FileChannel> lockFile(String link) throws IOException {
        FileChannel channel;
        try {
            Files.createDirectories(
                    DIRECTORY, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            channel = FileChannel.open(
                    DIRECTORY.resolve(networkNamespace() + "-" + link + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        } catch (IOException notHere) {
            log.debug("No lock in {}: {}", DIRECTORY, notHere.toString());
            return Optional.empty();
        }
        if (lock(channel).isEmpty()) {
            Optional<Long> holder = read(channel);
            channel.close();
            throw new LinkServedException(link, holder, "it has locked a file in " + DIRECTORY);
        }
        channel.truncate(0)
                .write(ByteBuffer.wrap(
                        Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        return Optional.of(channel);
    }

    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException byThisProcess) {
            return Optional.empty();
        }
    }

    /** The pid in the file; empty while it is being written. */
    private static Optional<Long> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(20);
        channel.read(bytes, 0);
        String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    /** Its number: two links of one name in two of them are two links. */
    private static String networkNamespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))
                .toString()
                .replaceAll("[^0-9]", "");
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() throws IOException {
        if (socket.isPresent()) {
            socket.get().close();
        }
        close(file);
    }

    private static void close(Optional<FileChannel> file) throws IOException {
        if (file.isPresent()) {
            file.get().close(); // and with it the lock
        }
    }
}
