package io.littlelb.core.news;

import java.util.List;
import java.util.function.Predicate;

/** The last news. May be used by any thread. */
public final class Journal {
    /** How many are kept. */
    public static final int KEPT = 1_000;

    private final Ring<News> ring = new Ring<>(KEPT);

    /** Adds one, and returns it with its number: 1 for the first, and one more for each. */
    public News add(News news) {
        return ring.add(news::numbered);
    }

    /**
     * The last of those that a filter lets through, the oldest first. Who follows asks for those with a number above the last one that he has.
     *
     * @param limit how many at most
     * @param filter is called on the caller's thread, and holds nobody up
     */
    public List<News> last(int limit, Predicate<News> filter) {
        return ring.last(limit, filter);
    }
}
