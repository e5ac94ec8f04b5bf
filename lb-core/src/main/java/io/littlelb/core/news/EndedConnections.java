package io.littlelb.core.news;

import io.littlelb.core.model.EndedConnection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The last connections that have ended. May be used by any thread: whoever moves bytes adds to it, and is held up for as long as it takes to note ten thousand
 * references while somebody asks, which is microseconds.
 */
public final class EndedConnections implements Consumer<EndedConnection> {
    /** How many are kept; of some 300 bytes each. */
    public static final int KEPT = 10_000;

    private final Ring<EndedConnection> ring = new Ring<>(KEPT);

    /** Takes note of one. */
    @Override
    public void accept(EndedConnection connection) {
        ring.put(connection);
    }

    /**
     * The last of those that a filter lets through, the oldest first.
     *
     * @param limit how many at most
     * @param filter is called on the caller's thread, and holds nobody up
     */
    public List<EndedConnection> last(int limit, Predicate<EndedConnection> filter) {
        return ring.last(limit, filter);
    }
}
