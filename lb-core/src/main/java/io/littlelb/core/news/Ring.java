package io.littlelb.core.news;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/** The last few of many. Synchronized: they are added by some threads and read by others. */
final class Ring<E> {
    private final Object[] places;
    /** How many have been added; the next one is the first beyond them. */
    private long added;

    Ring(int size) {
        places = new Object[size];
    }

    synchronized void put(E element) {
        places[(int) (added % places.length)] = element;
        added++;
    }

    /** Adds what is made of the number that it gets. */
    synchronized E add(LongFunction<E> made) {
        E element = made.apply(added + 1);
        put(element);
        return element;
    }

    /** The oldest first. */
    @SuppressWarnings("unchecked") // only E's are put there
    List<E> last(int limit, Predicate<E> filter) {
        Object[] now;
        long end;
        synchronized (this) {
            now = places.clone();
            end = added;
        }
        List<E> found = new ArrayList<>();
        for (long i = end - 1; i >= Math.max(0, end - now.length) && found.size() < limit; i--) {
            E element = (E) now[(int) (i % now.length)];
            if (filter.test(element)) {
                found.add(element);
            }
        }
        Collections.reverse(found);
        return List.copyOf(found);
    }
}
