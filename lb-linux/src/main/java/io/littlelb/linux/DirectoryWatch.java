package io.littlelb.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * What happens to the files of one directory, inotify(7). Unlike {@link java.nio.file.WatchService} it tells that a writer has closed a file, and so
 * that the file is whole. For one thread at a time.
 */
public final class DirectoryWatch implements AutoCloseable {
    // linux/inotify.h
    public static final int IN_MODIFY = 0x2;
    public static final int IN_CLOSE_WRITE = 0x8;
    public static final int IN_MOVED_FROM = 0x40;
    public static final int IN_MOVED_TO = 0x80;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE = 0x200;
    /** Events were lost. */
    public static final int IN_Q_OVERFLOW = 0x4000;
    /** The directory itself is gone, and its watch with it. */
    public static final int IN_IGNORED = 0x8000;

    private static final int MASK = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE;

    /*
     * struct inotify_event { int wd; uint32_t mask; uint32_t cookie; uint32_t len; char name[]; }
     */
    private static final int WD_OFFSET = 0;
    private static final int MASK_OFFSET = 4;
    private static final int LENGTH_OFFSET = 12;
    private static final int NAME_OFFSET = 16;
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Fd fd = Inotify.open();
    private final Pointer buffer = Memory.allocate(BUFFER_BYTES);
    private Optional<Integer> watch = Optional.empty();

    public DirectoryWatch() throws SyscallException {}

    /**
     * Something has happened to a file of the directory.
     *
     * @param mask {@code IN_*}
     * @param name of the file; empty where the event is about all of them
     */
    public record Event(int mask, String name) {
        /** Whether one of these is what has happened. */
        public boolean isAnyOf(int masks) {
            return (mask & masks) != 0;
        }
    }

    /** Follows this directory from now on and no other; what is known of the other is forgotten. */
    public void follow(Path directory) throws SyscallException {
        watch.ifPresent(old -> Inotify.remove(fd, old));
        watch = Optional.empty();
        watch = Optional.of(Inotify.add(fd, directory.toString(), MASK));
    }

    /** Readable when something has happened. */
    public Fd fd() {
        return fd;
    }

    /** What has happened since this was asked last, in its order. */
    public List<Event> events() throws SyscallException {
        List<Event> events = new ArrayList<>();
        while (true) {
            long length = Linux.read(fd, buffer, BUFFER_BYTES);
            if (length == -Errno.EAGAIN) {
                return events;
            }
            if (length < 0) {
                throw new SyscallException("read", "events of a directory", (int) -length);
            }
            for (long at = 0; at < length; at += NAME_OFFSET + buffer.getInt(at + LENGTH_OFFSET)) {
                read(at).ifPresent(events::add);
            }
        }
    }

    /** Empty for an event of a directory that is not followed any more. */
    private Optional<Event> read(long at) {
        int mask = buffer.getInt(at + MASK_OFFSET);
        boolean current =
                watch.filter(number -> number == buffer.getInt(at + WD_OFFSET)).isPresent();
        if (!current && (mask & IN_Q_OVERFLOW) == 0) {
            return Optional.empty();
        }
        byte[] name = new byte[buffer.getInt(at + LENGTH_OFFSET)];
        buffer.get(at + NAME_OFFSET, name, 0, name.length);
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return Optional.of(new Event(mask, new String(name, 0, end, StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        fd.close();
    }
}
