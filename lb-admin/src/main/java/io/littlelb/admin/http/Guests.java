package io.littlelb.admin.http;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The connections that a door has let in. There is room for so many; when it is full, the one that has been there longest makes way: whoever asks at once is
 * answered within milliseconds, so the oldest is one that is slow, silent or hostile.
 */
final class Guests {
    private final int room;
    private final Deque<Closeable> inside = new ArrayDeque<>();
    private boolean closed;

    Guests(int room) {
        this.room = room;
    }

    void enter(Closeable guest) {
        Optional<Closeable> out;
        synchronized (this) {
            inside.addLast(guest);
            if (closed) {
                out = Optional.of(guest);
            } else {
                out = inside.size() > room ? Optional.of(inside.removeFirst()) : Optional.empty();
            }
        }
        out.ifPresent(Guests::showOut);
    }

    synchronized void leave(Closeable guest) {
        inside.remove(guest);
    }

    /** Shows everybody out, and whoever comes later. */
    void close() {
        List<Closeable> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(inside);
        }
        all.forEach(Guests::showOut);
    }

    static void showOut(Closeable guest) {
        try {
            guest.close();
        } catch (IOException gone) {
            // which is what was wanted
        }
    }
}
