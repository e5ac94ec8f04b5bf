package io.littlelb.admin.http;

import io.littlelb.core.model.Shown;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unix socket in the file system, for root and this process's own user: its file is theirs alone (0600), and whoever connects is asked who it is
 * (SO_PEERCRED of unix(7)), since the file is anybody's for a moment before its mode is set.
 */
public final class UnixPlace implements Door.Place {
    private static final Logger log = LoggerFactory.getLogger(UnixPlace.class);
    private static final String ROOT = "0"; // by number, since an image may have no list of users

    private final Path path;
    private volatile Optional<UserPrincipal> owner = Optional.empty();
    private volatile Optional<Object> made = Optional.empty();

    /** @param path where the socket is to be; its directory is made if it is not there */
    public UnixPlace(Path path) {
        this.path = path;
    }

    @Override
    public String kind() {
        return "unix";
    }

    @Override
    public ServerSocketChannel open(int backlog) throws IOException {
        makeDirectory();
        removeStale();
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(path), backlog);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            owner = Optional.of(Files.getOwner(path));
            made = Optional.of(key());
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Which file it is, whatever its name. */
    private Object key() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private void makeDirectory() throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        try {
            Files.createDirectories(directory);
        } catch (AccessDeniedException e) {
            throw new IOException("there is no " + directory + ", and it cannot be made: permission denied", e);
        }
    }

    /** A file whose socket nobody listens on any more is what a process has left that did not end well. */
    private void removeStale() throws IOException {
        if (Files.notExists(path)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
            throw new IOException("there is a file of that name which is no socket");
        }
        try (SocketChannel there = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            there.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException nobodyListens) {
            log.debug("{} is stale: {}", path, nobodyListens.getMessage());
            Files.deleteIfExists(path);
            return;
        }
        throw new IOException("another process listens there");
    }

    @Override
    public boolean admits(SocketChannel peer) throws IOException {
        UserPrincipal user = peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        boolean admitted = owner.filter(user::equals).isPresent() || user.equals(root());
        if (!admitted) {
            log.warn(
                    "User {} asked on {}, which is for root and this process's own user",
                    Shown.quoted(user.getName()),
                    path);
        }
        return admitted;
    }

    private static UserPrincipal root() throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(ROOT);
    }

    @Override
    public String remedy() {
        return "--admin-socket names another one";
    }

    @Override
    public void leave() {
        try {
            if (made.filter(key()::equals).isPresent()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            log.debug("{} stays: {}", path, e.getMessage());
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
