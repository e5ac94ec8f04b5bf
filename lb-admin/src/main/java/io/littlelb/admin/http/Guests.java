package io.littlelb.admin.http;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The connections that a door has let in. There is room for so many that have not asked yet; when it is full, the one that has been there longest makes way:
 * whoever has a question asks it at once, so the oldest is one that is slow, silent or hostile. Who has asked is let be until his time is up.
 */
final class Guests {
    private final int room;
    private final Deque<Closeable> waiting = new ArrayDeque<>();
    private final Set<Closeable> asking = new HashSet<>();
    private boolean closed;

    Guests(int room) {
        this.room = room;
    }

    void enter(Closeable guest) {
        Optional<Closeable> out;
        synchronized (this) {
            waiting.addLast(guest);
            if (closed) {
                out = Optional.of(guest);
            } else {
                out = waiting.size() > room ? Optional.of(waiting.removeFirst()) : Optional.empty();
            }
        }
        out.ifPresent(Guests::showOut);
    }

    /** The question of one has been read. */
    synchronized void hasAsked(Closeable guest) {
        if (waiting.remove(guest)) {
            asking.add(guest);
        }
    }

    synchronized void leave(Closeable guest) {
        waiting.remove(guest);
        asking.remove(guest);
    }

    /** Shows everybody out, and whoever comes later. */
    void close() {
        List<Closeable> all;
        synchronized (this) {
            closed = true;
            all = Stream.concat(waiting.stream(), asking.stream()).toList();
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
