package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * How much a forwarder has to do, and how much more it could.
 *
 * @param threads those that move bytes; empty where it has none of its own
 * @param connections now, of all frontends
 * @param connectionLimit at most; more wait in the kernel's queue
 * @param paused whether clients wait now because nobody can have more connections: for the limit, or because this process is short of something. Those of a
 *     Service that has as many as it may, while others could have more, do not count
 * @param pipes kernel pipes that bytes are in now
 */
public record ForwarderLoad(
        List<ForwarderLoad.OfThread> threads, long connections, long connectionLimit, boolean paused, long pipes) {
    /** Nothing is known of it. */
    public static final ForwarderLoad NONE = new ForwarderLoad(List.of(), 0, 0, false, 0);

    public ForwarderLoad {
        threads = List.copyOf(threads);
    }

    /**
     * One thread that moves bytes.
     *
     * @param busy for how long in all it had something to do
     * @param alive for how long it has been there
     */
    public record OfThread(String name, Duration busy, Duration alive) {
        public OfThread {
            requireNonNull(name, "name");
            requireNonNull(busy, "busy");
            requireNonNull(alive, "alive");
        }
    }
}
