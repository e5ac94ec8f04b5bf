package io.littlelb.proxy.health;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.Reason;
import io.littlelb.proxy.loop.Deadlines;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which backends have failed to answer. They rest: clients are sent to them only when there is no other. They are asked again, with
 * growing pauses, until they answer or nobody uses them any more.
 *
 * <p>From any thread; asks on one loop.
 */
public final class BackendHealth {
    private static final Logger log = LoggerFactory.getLogger(BackendHealth.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    /** Each takes a descriptor while it is asked: of more, the next client finds out. */
    private static final int MOST_DOUBTED = 64;

    private final EventLoop loop;
    private final Dialler dialler = new Dialler();
    private final Duration connectTimeout;
    private final Function<ProxyProtocol, byte[]> words;
    private final Predicate<Backend> isUsed;
    private final Runnable onChange;
    private final Map<Backend, Rest> resting = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    /** Those that do not rest and are being asked; for the loop. */
    private final Map<Backend, BackendProbe> checked = new HashMap<>();

    /**
     * @param words what whoever asks for himself says to a backend that expects a protocol
     * @param isUsed whether a backend is still of interest
     * @param onChange called when a backend has begun or ceased to rest, by whatever thread
     */
    public BackendHealth(
            EventLoop loop,
            Duration connectTimeout,
            Function<ProxyProtocol, byte[]> words,
            Predicate<Backend> isUsed,
            Runnable onChange) {
        this.words = words;
        this.loop = loop;
        this.connectTimeout = connectTimeout;
        this.isUsed = isUsed;
        this.onChange = onChange;
    }

    /** Grows whenever {@link #problem} may have something else to say. */
    public long changes() {
        return changes.get();
    }

    private void changed() {
        changes.incrementAndGet();
        onChange.run();
    }

    public boolean isResting(Backend backend) {
        return !resting.isEmpty() && resting.containsKey(backend);
    }

    /** Whether it has failed at or after a time of {@link System#nanoTime}. */
    public boolean hasFailedSince(Backend backend, long nanos) {
        Rest rest = resting.get(backend);
        return rest != null && rest.failedNanos - nanos >= 0;
    }

    /** Every backend rests: why, of each. Empty while there is one to send clients to, or none at all. */
    public Optional<Problem> problem(Backends backends) {
        boolean fine = resting.isEmpty()
                || backends.isEmpty()
                || IntStream.range(0, backends.size()).anyMatch(i -> !isResting(backends.at(i)));
        return fine
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.BackendsUnavailable,
                        IntStream.range(0, backends.size())
                                .mapToObj(backends::at)
                                .map(backend -> backend + " "
                                        + Optional.ofNullable(resting.get(backend))
                                                .map(rest -> rest.error)
                                                .orElse("has just answered"))
                                .collect(joining(", "))));
    }

    /**
     * It refused, or did not answer in time.
     *
     * @param expects what it is to be told of whoever asks it
     */
    public void failed(Backend backend, String error, ProxyProtocol expects) {
        Rest known = resting.get(backend);
        Rest rest = known != null ? known : new Rest(backend, error, expects);
        Rest before = resting.putIfAbsent(backend, rest);
        if (before == null) {
            log.warn("Backend {} {}; it rests until it answers again", backend, error);
            loop.post(rest::pause);
            changed();
        } else {
            before.failedAgain(error);
        }
    }

    /**
     * It has not answered yet, and whoever has asked does not wait for it any longer: whether it rests is known once it has had its time.
     *
     * @param expects as of {@link #failed}
     */
    public void doubted(Backend backend, ProxyProtocol expects) {
        loop.post(() -> {
            if (checked.size() < MOST_DOUBTED) {
                check(backend, expects);
            }
        });
    }

    /** Asks one that does not rest, and is not being asked, whether it answers; on the loop. */
    public void check(Backend backend, ProxyProtocol expects) {
        if (!isResting(backend)) {
            checked.computeIfAbsent(backend, added -> probe(added, expects)).ask();
        }
    }

    private BackendProbe probe(Backend backend, ProxyProtocol expects) {
        return new BackendProbe(loop, dialler, connectTimeout, backend, words.apply(expects), new BackendProbe.Asker() {
            @Override
            public void answered() {
                checked.remove(backend);
            }

            @Override
            public void failed(String error) {
                checked.remove(backend);
                BackendHealth.this.failed(backend, error, expects);
            }

            @Override
            public void notAsked() {
                checked.remove(backend);
            }
        });
    }

    /** It answered. */
    public void answered(Backend backend) {
        if (isResting(backend) && resting.remove(backend) != null) {
            log.info("Backend {} answers again", backend);
            changed();
        }
    }

    /** Forgets that backends rest that a frontend has had and has not any more, unless another one has them: put back, they are asked at once. */
    public void forget(Backends before, Backends now) {
        for (Backend backend : List.copyOf(resting.keySet())) {
            boolean gone = before.contains(backend) && !now.contains(backend) && !isUsed.test(backend);
            Rest rest = gone ? resting.remove(backend) : null;
            if (rest != null) {
                loop.post(rest::close);
                changed();
            }
        }
    }

    /** Asks nobody any more; on the loop. */
    public void close() {
        resting.values().forEach(Rest::close);
        resting.clear();
        checked.values().forEach(BackendProbe::cancel);
        changes.incrementAndGet();
    }

    /** A backend that rests, and is asked now and then. All but the two volatile fields is for the loop. */
    private final class Rest implements BackendProbe.Asker, Deadlines.Due {
        private final Backend backend;
        private final BackendProbe probe;
        private final Deadline deadline = new Deadline(this);
        private volatile String error;
        private volatile long failedNanos = System.nanoTime();

        private Duration pause = FIRST_PAUSE;

        Rest(Backend backend, String error, ProxyProtocol expects) {
            this.backend = backend;
            this.error = error;
            this.probe = new BackendProbe(loop, dialler, connectTimeout, backend, words.apply(expects), this);
        }

        void failedAgain(String newError) {
            error = newError;
            failedNanos = System.nanoTime();
            changes.incrementAndGet(); // in its words only: nobody needs to be told at once
        }

        void pause() {
            loop.set(deadline, System.nanoTime() + pause.toNanos());
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
        }

        @Override
        public void onTime() {
            if (resting.get(backend) == this && isUsed.test(backend)) {
                probe.ask();
            } else {
                resting.remove(backend, this);
                changes.incrementAndGet();
            }
        }

        @Override
        public void answered() {
            BackendHealth.this.answered(backend);
        }

        @Override
        public void failed(String newError) {
            failedAgain(newError);
            pause();
        }

        @Override
        public void notAsked() {
            pause();
        }

        /** It is to be asked all the same. */
        @Override
        public void broke() {
            pause();
        }

        private void close() {
            loop.cancel(deadline);
            probe.cancel();
        }
    }
}
