package io.littlelb.core.model;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Iterables;
import com.google.common.math.IntMath;
import java.math.RoundingMode;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An immutable map of which a new version shares with the old one whatever has not changed; persistent in the sense of functional data
 * structures. To make a version costs what has changed, and so does telling two versions apart: a pass over ten thousand Services of which
 * one is new looks at that one.
 *
 * <p>A table of small maps. An entry is in the one that its key's hash points to.
 */
public final class PersistentMap<K, V> extends AbstractMap<K, V> {
    private static final int FEWEST_PARTS = 16;
    /** How many entries a part has on average before there are more parts. */
    private static final int FULL = 16;

    private static final PersistentMap<?, ?> EMPTY = empty(FEWEST_PARTS);

    private final ImmutableList<ImmutableMap<K, V>> parts;
    /** How far to shift 32 bits to the right so that the number of a part is left. */
    private final int shift;

    private final int size;

    private PersistentMap(ImmutableList<ImmutableMap<K, V>> parts, int size) {
        this.parts = parts;
        this.shift = Integer.SIZE - IntMath.log2(parts.size(), RoundingMode.UNNECESSARY);
        this.size = size;
    }

    /** Without entries. */
    @SuppressWarnings("unchecked") // nothing is in it that would be of another type
    public static <K, V> PersistentMap<K, V> of() {
        return (PersistentMap<K, V>) EMPTY;
    }

    /** With the entries of another map, which is copied unless it is one of these. */
    @SuppressWarnings("unchecked") // it cannot be changed, so that more general types are as good
    public static <K, V> PersistentMap<K, V> copyOf(Map<? extends K, ? extends V> map) {
        return map instanceof PersistentMap
                ? (PersistentMap<K, V>) map
                : PersistentMap.<K, V>of().with(map, Set.of());
    }

    private static <K, V> PersistentMap<K, V> empty(int parts) {
        return new PersistentMap<>(ImmutableList.copyOf(Collections.nCopies(parts, ImmutableMap.of())), 0);
    }

    /** With one more entry, or another value for its key; itself if it has that very value already. */
    public PersistentMap<K, V> with(K key, V value) {
        return with(Map.of(key, value), Set.of());
    }

    /** Without the entry of a key; itself if there is none. */
    public PersistentMap<K, V> without(K key) {
        return with(Map.of(), Set.of(key));
    }

    /** Without the entries of some keys and with others, which may be of the same keys; itself if that makes no difference. */
    @SuppressWarnings("ReferenceEquality") // an equal value may be the new object that is to be kept from now on
    public PersistentMap<K, V> with(Map<? extends K, ? extends V> added, Set<? extends K> removed) {
        int expected = size + added.size();
        if (expected > parts.size() * FULL) {
            return roomFor(expected).with(added, removed);
        }
        Map<Integer, Map<K, V>> changed = new HashMap<>();
        for (K key : removed) {
            if (containsKey(key) && !added.containsKey(key)) {
                changing(changed, key).remove(key);
            }
        }
        added.forEach((key, value) -> {
            if (get(key) != value) {
                changing(changed, key).put(key, value);
            }
        });
        return changed.isEmpty() ? this : with(changed);
    }

    private Map<K, V> changing(Map<Integer, Map<K, V>> changed, K key) {
        return changed.computeIfAbsent(part(key), part -> new HashMap<>(parts.get(part)));
    }

    private PersistentMap<K, V> with(Map<Integer, Map<K, V>> changed) {
        List<ImmutableMap<K, V>> all = new ArrayList<>(parts);
        int newSize = size;
        for (Entry<Integer, Map<K, V>> part : changed.entrySet()) {
            ImmutableMap<K, V> replaced = all.set(part.getKey(), ImmutableMap.copyOf(part.getValue()));
            newSize += part.getValue().size() - replaced.size();
        }
        return new PersistentMap<>(ImmutableList.copyOf(all), newSize);
    }

    /** The same, with so many parts that they will not be full soon. */
    private PersistentMap<K, V> roomFor(int entries) {
        PersistentMap<K, V> empty = empty(IntMath.ceilingPowerOfTwo(2 * entries / FULL));
        Map<Integer, Map<K, V>> all = new HashMap<>();
        forEach((key, value) -> empty.changing(all, key).put(key, value));
        return empty.with(all);
    }

    /** By Fibonacci hashing: hash codes that differ little, as those of addresses do, are spread. */
    private int part(Object key) {
        return (key.hashCode() * 0x9E37_79B9) >>> shift;
    }

    /** The keys at which two maps differ: one of them has none, or their values are not equal. What is the same object is not compared. */
    @SuppressWarnings("ReferenceEquality") // for speed; what is not the same is compared
    public static <K> Set<K> differences(Map<K, ?> some, Map<K, ?> others) {
        if (some == others) {
            return Set.of();
        }
        Set<K> keys = new HashSet<>();
        if (some instanceof PersistentMap<K, ?> a
                && others instanceof PersistentMap<K, ?> b
                && a.parts.size() == b.parts.size()) {
            for (int i = 0; i < a.parts.size(); i++) {
                addDifferences(a.parts.get(i), b.parts.get(i), keys);
            }
        } else {
            addDifferences(some, others, keys);
        }
        return keys;
    }

    @SuppressWarnings("ReferenceEquality") // for speed; what is not the same is compared
    private static <K> void addDifferences(Map<K, ?> some, Map<K, ?> others, Set<K> keys) {
        if (some == others) {
            return;
        }
        some.forEach((key, value) -> {
            Object other = others.get(key);
            if (value != other && !value.equals(other)) {
                keys.add(key);
            }
        });
        for (K key : others.keySet()) {
            if (!some.containsKey(key)) {
                keys.add(key);
            }
        }
    }

    @Override
    public V get(Object key) {
        return parts.get(part(key)).get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return parts.get(part(key)).containsKey(key);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<K, V>> iterator() {
                return Iterables.concat(Iterables.transform(parts, ImmutableMap::entrySet))
                        .iterator();
            }

            @Override
            public int size() {
                return size;
            }
        };
    }
}
