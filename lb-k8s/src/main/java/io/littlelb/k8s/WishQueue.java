package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.Sets;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.worker.Pauses;
import io.littlelb.core.worker.Task;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What is wished to be said on Services: of each the last wish, the oldest first. A Service is one thread's from {@link #take} to {@link #release}, so
 * what is said of it is said in order; a wish that failed waits, longer each time. From any thread.
 */
final class WishQueue {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final LongSupplier clock;
    /** The last wish per uid; guarded by this object, since wishes come from the reconciler's thread. */
    private final Map<String, Wish> wishes = new LinkedHashMap<>();

    /** Those that are being granted by uid, and whether they are still wished for; guarded as well. */
    private final Map<String, Boolean> granting = new HashMap<>();

    /** How long the next pause after a failure is, by uid; guarded as well. */
    private final Map<String, Pauses> pauses = new HashMap<>();

    /** Guarded as well. */
    private boolean closed;

    /** @param clock as {@link System#nanoTime} */
    WishQueue(LongSupplier clock) {
        this.clock = requireNonNull(clock, "clock");
    }

    /** @param notBefore by the clock: a wish that failed waits */
    record Wish(ServiceKey key, String uid, ServiceStatus status, long notBefore) {
        /** Whether nothing is said any more. */
        boolean takesBack() {
            return status.equals(status.withdrawn());
        }
    }

    /** Takes the place of the wish for the same Service; returns whether there is something new to grant. */
    synchronized boolean put(ServiceKey key, String uid, ServiceStatus status) {
        Wish before = wishes.get(uid);
        if (closed || (before != null && before.status().equals(status))) {
            return false;
        }
        wishes.put(uid, new Wish(key, uid, status, clock.getAsLong()));
        return true;
    }

    /** A wish is not wanted any more, nor again if it is being granted and fails. */
    synchronized void forget(String uid) {
        wishes.remove(uid);
        granting.replace(uid, false);
    }

    /** Takes the next wish that is due, of a Service that nobody is writing on. */
    synchronized Optional<Wish> take(long now) {
        Optional<Wish> next = wishes.values().stream()
                .filter(wish -> wish.notBefore() - now <= 0 && !granting.containsKey(wish.uid()))
                .findFirst();
        next.ifPresent(wish -> {
            wishes.remove(wish.uid());
            granting.put(wish.uid(), true);
        });
        return next;
    }

    /** The next wish for the same Service may be granted: by this thread, if no other is awake. */
    synchronized void release(Wish wish) {
        granting.remove(wish.uid());
    }

    /** The wish is granted: the next failure is a new story. */
    synchronized void granted(Wish wish) {
        pauses.remove(wish.uid());
    }

    /**
     * The wish that was taken has failed, and is wished for again after a pause, unless there is a later one.
     *
     * @return how long the pause is; empty when it is not wanted any more
     */
    synchronized Optional<Duration> failed(Wish wish) {
        if (closed || !granting.getOrDefault(wish.uid(), false)) {
            return Optional.empty();
        }
        Duration pause = pauses.computeIfAbsent(wish.uid(), uid -> new Pauses(FIRST_PAUSE, LONGEST_PAUSE))
                .next();
        wishes.putIfAbsent(
                wish.uid(), new Wish(wish.key(), wish.uid(), wish.status(), clock.getAsLong() + pause.toNanos()));
        return Optional.of(pause);
    }

    /** In how many nanoseconds there is a wish to take, or {@link Task#UNTIL_WOKEN}. */
    synchronized long untilNext(long now) {
        return wishes.values().stream()
                .filter(wish -> !granting.containsKey(wish.uid()))
                .mapToLong(wish -> Math.max(0, wish.notBefore() - now))
                .min()
                .orElse(Task.UNTIL_WOKEN);
    }

    /** How many Services wait for what is wished for them, those included that are being written on. */
    synchronized int waiting() {
        return Sets.union(wishes.keySet(), granting.keySet()).size();
    }

    /** Nothing is wished for any more. */
    synchronized void close() {
        closed = true;
        wishes.clear();
    }
}
