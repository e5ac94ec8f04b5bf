package io.littlelb.proxy.health;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Ejection;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which backends have failed to answer. They are ejected: clients are sent to them only when there is no other. They are asked again, with
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
    private final Map<Backend, Ejected> ejected = new ConcurrentHashMap<>();
    private final AtomicLong changes = new AtomicLong();
    /** Those that are not ejected, and are being asked; for the loop. */
    private final Map<Backend, BackendProbe> checked = new HashMap<>();

    /**
     * @param words what whoever asks for himself says to a backend that expects a protocol
     * @param isUsed whether a backend is still of interest
     * @param onChange called when a backend was ejected, or is not any more, by whatever thread
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

    public boolean isEjected(Backend backend) {
        return !ejected.isEmpty() && ejected.containsKey(backend);
    }

    /** How long it has been ejected, and why; empty when it is not. */
    public Optional<Ejection> ejection(Backend backend) {
        return Optional.ofNullable(ejected.get(backend)).map(one -> one.told(loop.clock()));
    }

    /** Those of them that are ejected. */
    public Map<Backend, Ejection> ejected(Backends backends) {
        if (ejected.isEmpty()) {
            return Map.of();
        }
        long now = loop.clock();
        return IntStream.range(0, backends.size())
                .mapToObj(i -> ejected.get(backends.at(i)))
                .filter(Objects::nonNull)
                .collect(toMap(one -> one.backend, one -> one.told(now), (one, again) -> one));
    }

    /** Whether it has failed at or after a time of {@link System#nanoTime}. */
    public boolean hasFailedSince(Backend backend, long nanos) {
        Ejected one = ejected.get(backend);
        return one != null && one.failedNanos - nanos >= 0;
    }

    /** Every backend is ejected: why, of each. Empty while there is one to send clients to, or none at all. */
    public Optional<Problem> problem(Backends backends) {
        boolean fine = ejected.isEmpty()
                || backends.isEmpty()
                || IntStream.range(0, backends.size()).anyMatch(i -> !isEjected(backends.at(i)));
        return fine
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.BackendsUnavailable,
                        IntStream.range(0, backends.size())
                                .mapToObj(backends::at)
                                .map(backend -> backend + " "
                                        + Optional.ofNullable(ejected.get(backend))
                                                .map(one -> one.error)
                                                .orElse("has just answered"))
                                .collect(joining(", "))));
    }

    /**
     * It refused, or did not answer in time.
     *
     * @param expects what it is to be told of whoever asks it
     */
    public void failed(Backend backend, String error, ProxyProtocol expects) {
        Ejected known = ejected.get(backend);
        Ejected one = known != null ? known : new Ejected(backend, error, expects);
        Ejected before = ejected.putIfAbsent(backend, one);
        if (before == null) {
            log.warn("Backend {} {}; it is ejected until it answers again", backend, error);
            loop.post(one::pause);
            changed();
        } else {
            before.failedAgain(error);
        }
    }

    /**
     * It has not answered yet, and whoever has asked does not wait for it any longer: whether it is ejected is known once it has had its time.
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

    /** Asks one that is not ejected, and is not being asked, whether it answers; on the loop. */
    void check(Backend backend, ProxyProtocol expects) {
        if (!isEjected(backend)) {
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
        if (isEjected(backend) && ejected.remove(backend) != null) {
            log.info("Backend {} answers again", backend);
            changed();
        }
    }

    /**
     * Forgets that backends are ejected that a frontend has had and has not any more, unless another one has them: put back, they are asked at once. Whether
     * there were any, of which it is the caller who tells: he may have a lock.
     */
    public boolean forget(Backends before, Backends now) {
        boolean any = false;
        for (Backend backend : List.copyOf(ejected.keySet())) {
            boolean gone = before.contains(backend) && !now.contains(backend) && !isUsed.test(backend);
            Ejected one = gone ? ejected.remove(backend) : null;
            if (one != null) {
                loop.post(one::close);
                changes.incrementAndGet();
                any = true;
            }
        }
        return any;
    }

    /** Asks nobody any more; on the loop. */
    public void close() {
        ejected.values().forEach(Ejected::close);
        ejected.clear();
        checked.values().forEach(BackendProbe::cancel);
        changes.incrementAndGet();
    }

    /** A backend that is ejected, and is asked now and then. All but the volatile fields is for the loop. */
    private final class Ejected implements BackendProbe.Asker, Deadlines.Due {
        private final Backend backend;
        private final BackendProbe probe;
        private final Deadline deadline = new Deadline(this);
        private volatile String error;
        private final long sinceNanos = loop.clock();
        private volatile long failedNanos = sinceNanos;
        private volatile long askedAgainNanos = sinceNanos;

        private Duration pause = FIRST_PAUSE;

        Ejected(Backend backend, String error, ProxyProtocol expects) {
            this.backend = backend;
            this.error = error;
            this.probe = new BackendProbe(loop, dialler, connectTimeout, backend, words.apply(expects), this);
        }

        private Ejection told(long now) {
            return new Ejection(
                    Duration.ofNanos(Math.max(0, now - sinceNanos)), // it may be newer than what is taken for now
                    error,
                    Duration.ofNanos(Math.max(0, askedAgainNanos - now)));
        }

        void failedAgain(String newError) {
            error = newError;
            failedNanos = loop.clock();
            changes.incrementAndGet(); // in its words only: nobody needs to be told at once
        }

        void pause() {
            askedAgainNanos = loop.clock() + pause.toNanos();
            loop.deadlines().set(deadline, askedAgainNanos);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
        }

        @Override
        public void onTime() {
            if (ejected.get(backend) == this && isUsed.test(backend)) {
                probe.ask();
            } else {
                ejected.remove(backend, this);
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
            loop.deadlines().cancel(deadline);
            probe.cancel();
        }
    }
}
