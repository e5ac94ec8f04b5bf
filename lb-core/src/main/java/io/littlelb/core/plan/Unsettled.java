package io.littlelb.core.plan;

import io.littlelb.core.model.PersistentMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where what is differs from what should be. Whatever was as it should be, and has not changed since on either side, is not looked at again.
 */
final class Unsettled<K, D, A> {
    private final Agreement<D, A> agreement;
    private final Set<K> keys = new HashSet<>();
    private Map<K, D> desired = PersistentMap.of();
    private Map<K, A> actual = PersistentMap.of();

    Unsettled(Agreement<D, A> agreement) {
        this.agreement = agreement;
    }

    /** Whether there is nothing to do, now or later. */
    @FunctionalInterface
    interface Agreement<D, A> {
        boolean of(Optional<D> desired, Optional<A> actual);
    }

    /** The keys at which the two sides do not agree. */
    Set<K> keys(Map<K, D> desiredNow, Map<K, A> actualNow) {
        keys.addAll(PersistentMap.differences(desired, desiredNow));
        keys.addAll(PersistentMap.differences(actual, actualNow));
        keys.removeIf(
                key -> agreement.of(Optional.ofNullable(desiredNow.get(key)), Optional.ofNullable(actualNow.get(key))));
        desired = desiredNow;
        actual = actualNow;
        return Set.copyOf(keys);
    }
}
