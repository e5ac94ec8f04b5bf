package io.littlelb.file;

import static io.littlelb.linux.DirectoryWatch.IN_CLOSE_WRITE;
import static io.littlelb.linux.DirectoryWatch.IN_CREATE;
import static io.littlelb.linux.DirectoryWatch.IN_DELETE;
import static io.littlelb.linux.DirectoryWatch.IN_IGNORED;
import static io.littlelb.linux.DirectoryWatch.IN_MODIFY;
import static io.littlelb.linux.DirectoryWatch.IN_MOVED_FROM;
import static io.littlelb.linux.DirectoryWatch.IN_MOVED_TO;
import static io.littlelb.linux.DirectoryWatch.IN_Q_OVERFLOW;

import io.littlelb.linux.DirectoryWatch;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;

/**
 * A file that somebody else changes, and when it is worth reading again: once whoever writes to it has closed it, at once when another file takes
 * its place. What happens to its neighbours is no matter. For one thread at a time.
 *
 * <p>The directory that is watched is the one that the path leads to now: where a directory or the file itself is a symbolic link that is turned to
 * another place (a mounted ConfigMap, a deployment's {@code current}), no event says so, and {@link #read} finds out.
 */
final class WatchedFile implements AutoCloseable {
    /** A file that is not closed for so long after the last byte is read all the same: truncate(2) closes nothing. */
    static final Duration LONGEST_WRITE = Duration.ofSeconds(30);

    /** A file that changes whenever it is read is read at the next look. */
    private static final int TRIES = 3;

    private final Path path;
    private final DirectoryWatch watch;
    private Optional<Path> followed = Optional.empty();
    private Optional<Version> lastRead = Optional.empty();
    private boolean changed = true;
    private Optional<Long> beingWrittenSince = Optional.empty();

    WatchedFile(Path path) throws SyscallException {
        this.path = path;
        this.watch = new DirectoryWatch();
    }

    /** What tells one state of a file from another without reading it. */
    private record Version(Path place, Object key, FileTime modified, long size) {}

    /** Readable when something has happened to the file or its neighbours. */
    Fd fd() {
        return watch.fd();
    }

    /** Takes in what has happened by now, a time of {@link System#nanoTime}. */
    void takeIn(long now) throws SyscallException {
        for (DirectoryWatch.Event event : watch.events()) {
            if (event.isAnyOf(IN_Q_OVERFLOW | IN_IGNORED)) {
                followed = Optional.empty();
                changed = true;
            } else if (followed.filter(file -> file.endsWith(event.name())).isPresent()) {
                happened(event, now);
            }
        }
    }

    private void happened(DirectoryWatch.Event event, long now) {
        if (event.isAnyOf(IN_CREATE | IN_MODIFY)) {
            beingWrittenSince = Optional.of(now);
            changed = true;
        } else if (event.isAnyOf(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) {
            beingWrittenSince = Optional.empty();
            changed = true;
        }
    }

    /**
     * Its text, if it is whole and may be another one than was read last.
     *
     * @throws java.nio.file.NoSuchFileException while it is not there
     */
    Optional<String> read(long now) throws IOException {
        Optional<String> text = tryToRead(now);
        for (int tries = 1; text.isEmpty() && changed && beingWrittenSince.isEmpty() && tries < TRIES; tries++) {
            text = tryToRead(now);
        }
        return text;
    }

    private Optional<String> tryToRead(long now) throws IOException {
        Path place = follow();
        BasicFileAttributes attributes = Files.readAttributes(place, BasicFileAttributes.class);
        Version version = new Version(place, attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        boolean sameAsRead = !changed && lastRead.filter(version::equals).isPresent();
        boolean torn = beingWrittenSince
                .filter(since -> now - since < LONGEST_WRITE.toNanos())
                .isPresent();
        if (sameAsRead || torn) {
            return Optional.empty();
        }
        changed = false;
        beingWrittenSince = Optional.empty();
        String text = Files.readString(place, StandardCharsets.UTF_8);
        takeIn(now);
        if (changed) { // while it was read, so that may be half of it
            return Optional.empty();
        }
        lastRead = Optional.of(version);
        return Optional.of(text);
    }

    /** Where the path leads to now; that place is watched from then on, before it is looked at. */
    private Path follow() throws IOException {
        try {
            return followTo(path.toRealPath());
        } catch (java.nio.file.NoSuchFileException absent) {
            Path directory = path.toAbsolutePath().getParent();
            if (Files.isDirectory(directory)) {
                followTo(directory.toRealPath().resolve(path.getFileName()));
            }
            lastRead = Optional.empty();
            throw absent;
        }
    }

    private Path followTo(Path place) throws IOException {
        if (followed.filter(place::equals).isEmpty()) {
            watch.follow(place.getParent());
            followed = Optional.of(place);
            beingWrittenSince = Optional.empty();
            changed = true;
        }
        return place;
    }

    @Override
    public void close() {
        watch.close();
    }
}
