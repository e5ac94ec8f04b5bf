package io.littlelb.testkit.apiserver;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** What goes wrong with the server, on demand. From any thread. */
public final class Faults {
    private final Store store;
    private final List<Failure> failures = new ArrayList<>();
    private boolean frozen;
    private boolean silent;
    private int dropped;

    Faults(Store store) {
        this.store = store;
    }

    /** An answer that is no good, for the next requests of a kind. */
    private static final class Failure {
        private final Predicate<Request> which;
        private final ApiException answer;
        private int times;

        Failure(Predicate<Request> which, ApiException answer, int times) {
            this.which = which;
            this.answer = answer;
            this.times = times;
        }
    }

    /**
     * The next requests of a kind are refused.
     *
     * @param code of HTTP, such as 500 or 409
     * @param reason in the words of {@code metav1.StatusReason}, such as {@code InternalError} or {@code Conflict}
     */
    public synchronized void fail(int times, Predicate<Request> which, int code, String reason, String message) {
        failures.add(new Failure(which, new ApiException(code, reason, message), times));
    }

    /** Everybody who watches is told 410 Gone, and has to list again. */
    public void expireWatches() {
        store.compact();
    }

    /** Every watch ends in the middle, as when a connection breaks. */
    public synchronized void dropWatches() {
        dropped++;
    }

    /** Requests are accepted and not answered, watches fall silent, until it thaws. */
    public synchronized void freeze() {
        frozen = true;
    }

    /** Watches fall silent, all else goes on: what a client knows by them grows old, until it thaws. */
    public synchronized void silenceWatches() {
        silent = true;
    }

    /** Goes on where it froze or fell silent. */
    public synchronized void thaw() {
        frozen = false;
        silent = false;
        notifyAll();
    }

    synchronized int dropped() {
        return dropped;
    }

    synchronized void awaitThaw() throws InterruptedException {
        while (frozen) {
            wait();
        }
    }

    synchronized void awaitSound() throws InterruptedException {
        while (frozen || silent) {
            wait();
        }
    }

    synchronized void refuseIfAsked(Request request) throws ApiException {
        for (Iterator<Failure> each = failures.iterator(); each.hasNext(); ) {
            Failure failure = each.next();
            if (failure.which.test(request)) {
                failure.times--;
                if (failure.times <= 0) {
                    each.remove();
                }
                throw failure.answer;
            }
        }
    }
}
