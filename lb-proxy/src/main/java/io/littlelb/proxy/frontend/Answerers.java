package io.littlelb.proxy.frontend;

import io.littlelb.core.model.Backend;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * The backends of a frontend that have answered last: where to go, when most others do not, with a client that has waited for one of them already. From any
 * thread.
 */
public final class Answerers {
    /** So many that no single one gets everybody. */
    private static final int REMEMBERED = 16;

    /** 2^32 by the golden ratio: multiples are spread evenly, however many there are. */
    private static final int GOLDEN = 0x9E3779B1;

    private final AtomicReferenceArray<Backend> last = new AtomicReferenceArray<>(REMEMBERED);
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();

    Answerers() {}

    /** Where to go on looking when none is known: elsewhere for everybody, or all would come to the next one after those that are silent. */
    public int elsewhere(int positions) {
        return Math.floorMod(turn.getAndIncrement() * GOLDEN, positions);
    }

    public void answered(Backend backend) {
        last.set(Math.floorMod(written.getAndIncrement(), REMEMBERED), backend);
    }

    /** Each in turn, of those that fit. */
    public Optional<Backend> next(Predicate<Backend> fits) {
        for (int i = 0; i < REMEMBERED; i++) {
            Backend backend = last.get(Math.floorMod(turn.getAndIncrement(), REMEMBERED));
            if (backend != null && fits.test(backend)) {
                return Optional.of(backend);
            }
        }
        return Optional.empty();
    }
}
