package io.littlelb.netlink.arp;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * When to tell the link which addresses are here: at once, after 0.1, 0.5, 1, 2 and 4 seconds, since the first frames after a change
 * are the ones that get lost, and then about every minute, for caches that have learnt something else meanwhile.
 *
 * <p>Has no thread and no clock: {@code lb-link} calls it, with the time of {@link System#nanoTime}.
 */
final class Announcer {
    private static final long MILLI = 1_000_000;
    private static final long[] FIRST_ONES = {0, 100 * MILLI, 500 * MILLI, 1_000 * MILLI, 2_000 * MILLI, 4_000 * MILLI};
    private static final long EVERY = 60_000 * MILLI;
    /** How much earlier or later, at most: hosts that started together are not to go on speaking together. */
    private static final double JITTER = 0.1;

    private final Pace pace;
    private final Random random;
    private final Map<InetAddress, Course> courses = new HashMap<>();
    private final PriorityQueue<Course> queue =
            new PriorityQueue<>(Comparator.comparingLong((Course course) -> course.due));

    Announcer(Pace pace, Random random) {
        this.pace = pace;
        this.random = random;
    }

    /** One address, and how often it was announced. */
    private static final class Course {
        private final InetAddress ip;
        private final long begun;
        private long due;
        private int times;

        Course(InetAddress ip, long now) {
            this.ip = ip;
            this.begun = now;
            this.due = now;
        }
    }

    /** Announces these from now on and no others; those that are new from the beginning. */
    void follow(Set<InetAddress> addresses, long now) {
        courses.values().removeIf(course -> {
            boolean gone = !addresses.contains(course.ip);
            if (gone) {
                queue.remove(course);
            }
            return gone;
        });
        addresses.stream().filter(ip -> !courses.containsKey(ip)).forEach(ip -> begin(ip, now));
    }

    /** From the beginning again: the link has come back, or speaks with another hardware address. */
    void again(long now) {
        Set<InetAddress> all = Set.copyOf(courses.keySet());
        courses.clear();
        queue.clear();
        all.forEach(ip -> begin(ip, now));
    }

    private void begin(InetAddress ip, long now) {
        Course course = new Course(ip, now);
        courses.put(ip, course);
        queue.add(course);
    }

    /** Announces what is due, as far as the pace allows. */
    void work(long now, Consumer<InetAddress> announce) {
        while (!queue.isEmpty() && queue.peek().due - now <= 0 && pace.take(now)) {
            Course course = queue.remove();
            announce.accept(course.ip);
            course.times++;
            course.due = course.times < FIRST_ONES.length
                    ? course.begun + FIRST_ONES[course.times]
                    : now + (long) (EVERY * (1 + JITTER * (2 * random.nextDouble() - 1)));
            queue.add(course);
        }
    }

    /** When there is something to do next. */
    Optional<Long> next(long now) {
        return Optional.ofNullable(queue.peek()).map(course -> course.due - now > 0 ? course.due : pace.next(now));
    }
}
