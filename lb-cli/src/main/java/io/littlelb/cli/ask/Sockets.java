package io.littlelb.cli.ask;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the unix socket of a running instance: the one that is named, or those at the usual places where somebody listens. */
final class Sockets {
    private static final String SOCKET = "lb.sock";
    private static final String START_ONE = "start one with lb run, or name its socket with --admin-socket";

    private final Path run;
    private final Optional<Path> ofUser;

    /** What was found at a path. */
    private enum State {
        LISTENS("somebody listens"),
        STALE("nobody listens any more"),
        DENIED("permission denied"),
        ABSENT("not there"),
        BROKEN("");

        final String text;

        State(String text) {
            this.text = text;
        }
    }

    /** @param trouble what the system says, where that is none of the other states */
    private record Found(Path path, State state, String trouble) {
        Found(Path path, State state) {
            this(path, state, "");
        }

        @Override
        public String toString() {
            return path + " (" + state.text + trouble + ")";
        }
    }

    Sockets(Surroundings surroundings) {
        this.run = surroundings.run().resolve("lb");
        this.ofUser = surroundings
                .variable("XDG_RUNTIME_DIR")
                .map(directory -> Path.of(directory).resolve(SOCKET));
    }

    static SocketChannel unconnected() throws IOException {
        return SocketChannel.open(StandardProtocolFamily.UNIX);
    }

    /** Whether it is an instance that listens there is known only when it is asked. */
    Path find(Optional<Path> named) throws NotAnsweredException {
        List<Found> found = named.map(path -> List.of(look(path))).orElseGet(this::usual);
        List<Found> listening =
                found.stream().filter(it -> it.state() == State.LISTENS).toList();
        if (listening.size() == 1) {
            return listening.get(0).path();
        }
        if (listening.isEmpty()) {
            throw new NotAnsweredException(NotAnsweredException.NO_INSTANCE, nobody(named, found));
        }
        throw new NotAnsweredException(
                NotAnsweredException.WRONG_USE,
                "several instances run here; say which one is meant: "
                        + listening.stream()
                                .map(it -> "--admin-socket " + it.path())
                                .collect(joining(", or ")));
    }

    private List<Found> usual() {
        List<Found> found = new ArrayList<>(List.of(look(run.resolve(SOCKET))));
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(run, Files::isDirectory)) {
            List<Path> inside = new ArrayList<>();
            directories.forEach(directory -> inside.add(directory.resolve(SOCKET)));
            inside.stream()
                    .sorted()
                    .map(Sockets::look)
                    .filter(it -> it.state() != State.ABSENT)
                    .forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException none) {
            // nor is there an instance in any
        } catch (IOException unreadable) {
            found.add(new Found(run.resolve("*").resolve(SOCKET), State.DENIED));
        }
        ofUser.filter(path -> found.stream().noneMatch(it -> isSame(it.path(), path)))
                .map(Sockets::look)
                .ifPresent(found::add);
        return found;
    }

    /** Whether two paths lead to one socket. */
    private static boolean isSame(Path one, Path other) {
        try {
            return one.equals(other) || Files.isSameFile(one, other);
        } catch (IOException absent) {
            return false;
        }
    }

    private static Found look(Path path) {
        try (SocketChannel channel = unconnected()) {
            Files.readAttributes(path, BasicFileAttributes.class);
            channel.configureBlocking(
                    false); // or a process that is stopped would keep us waiting as soon as its backlog is full
            channel.connect(UnixDomainSocketAddress.of(path));
            return new Found(path, State.LISTENS);
        } catch (NoSuchFileException absent) {
            return new Found(path, State.ABSENT);
        } catch (AccessDeniedException denied) {
            return new Found(path, State.DENIED);
        } catch (ConnectException refused) {
            return new Found(path, State.STALE);
        } catch (IOException e) {
            return by(path, String.valueOf(e.getMessage()));
        }
    }

    /** By what the system says, which Java has no exception of its own for. */
    private static Found by(Path path, String message) {
        if (message.contains("Resource temporarily unavailable")) {
            return new Found(path, State.LISTENS);
        }
        return message.contains("Permission denied")
                ? new Found(path, State.DENIED)
                : new Found(path, State.BROKEN, message);
    }

    private String nobody(Optional<Path> named, List<Found> found) {
        Optional<Found> denied =
                found.stream().filter(it -> it.state() == State.DENIED).findFirst();
        if (denied.isPresent()) {
            return denied.get().path() + ": permission denied; root"
                    + owner(denied.get().path()) + " may ask it, so try sudo";
        }
        String looked = found.stream().map(Found::toString).collect(joining(", "));
        if (named.isPresent()) {
            return "no instance answers: " + looked + "; " + START_ONE;
        }
        return "no instance answers: looked at " + looked + ", "
                + run.resolve("*").resolve(SOCKET)
                + (ofUser.isPresent() ? "" : " and $XDG_RUNTIME_DIR/" + SOCKET + " (which is not set)") + "; "
                + START_ONE;
    }

    /** Whose socket it is, if that may be known. */
    private static String owner(Path path) {
        try {
            String owner = Files.getOwner(path).getName();
            return owner.equals("root") ? "" : " and " + owner + ", whose it is,";
        } catch (IOException hidden) {
            return " and the user that it runs as";
        }
    }
}
