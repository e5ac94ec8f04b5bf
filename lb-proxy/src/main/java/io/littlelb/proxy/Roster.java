package io.littlelb.proxy;

import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Ending;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.loop.Resident;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Asks the loops who their clients are, and has some of them ended. From any thread but theirs. */
final class Roster {
    /** How long a loop may be silent: it has something else to do, or has ended. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final List<EventLoop> loops;

    Roster(List<EventLoop> loops) {
        this.loops = loops;
    }

    List<ConnectionInfo> connections(int limit, Predicate<ConnectionInfo> filter) {
        List<ConnectionInfo> found = new ArrayList<>();
        Set<String> seen = new HashSet<>(); // of all loops: one may move from one to another meanwhile
        for (EventLoop loop : loops) {
            ask(loop, limit, each -> (loops.size() == 1 || seen.add(each.id())) && filter.test(each), found);
        }
        return found;
    }

    private static void ask(EventLoop loop, int limit, Predicate<ConnectionInfo> filter, List<ConnectionInfo> found) {
        if (found.size() >= limit) {
            return;
        }
        try (Answers answers = Answers.of(loop)) {
            Optional<ConnectionInfo> next = answers.next();
            while (next.isPresent() && found.size() < limit) {
                if (filter.test(next.get())) {
                    found.add(next.get());
                }
                next = answers.next();
            }
        }
    }

    /** Every loop is shown all that were chosen: one may live on another by now. */
    int disconnect(Predicate<ConnectionInfo> which) {
        Set<String> ids = new HashSet<>();
        connections(Integer.MAX_VALUE, which).forEach(connection -> ids.add(connection.id()));
        Set<String> ended = ConcurrentHashMap.newKeySet();
        if (!ids.isEmpty()) {
            loops.forEach(loop -> disconnect(loop, ids, ended));
        }
        return ended.size();
    }

    private static void disconnect(EventLoop loop, Set<String> ids, Set<String> ended) {
        AtomicInteger shown = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        Predicate<Resident> end = resident -> {
            shown.incrementAndGet();
            if (resident instanceof Client client && ids.contains(client.id())) {
                client.breakOff(Ending.DISCONNECTED);
                ended.add(client.id());
            }
            return ended.size() < ids.size();
        };
        if (loop.visit(end, over::countDown)) {
            awaitAsLongAsItGetsOn(over, shown);
        }
    }

    /** One that is silent does it later. */
    private static void awaitAsLongAsItGetsOn(CountDownLatch over, AtomicInteger steps) {
        int before;
        do {
            before = steps.get();
        } while (!Uninterruptibles.awaitUninterruptibly(over, PATIENCE) && steps.get() > before);
    }

    /** What a loop says, one connection after another. */
    private static final class Answers implements AutoCloseable {
        private final BlockingQueue<Optional<ConnectionInfo>> told = new LinkedBlockingQueue<>();
        private volatile boolean enough;

        static Answers of(EventLoop loop) {
            Answers answers = new Answers();
            boolean comes = loop.visit(
                    resident -> {
                        if (resident instanceof Client client) {
                            answers.told.add(Optional.of(client.info(loop.now())));
                        }
                        return !answers.enough;
                    },
                    () -> answers.told.add(Optional.empty()));
            if (!comes) {
                answers.told.add(Optional.empty());
            }
            return answers;
        }

        /** Empty when there are no more, or the loop is silent. */
        Optional<ConnectionInfo> next() {
            Optional<ConnectionInfo> next;
            try {
                next = told.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
            return next == null ? Optional.empty() : next;
        }

        @Override
        public void close() {
            enough = true;
        }
    }
}
