package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PersistentMapTest {
    private static final int KEYS = 1_000;

    private final Random random = new Random(1);

    @Test
    void isWhatAHashMapIsAfterTheSameChanges() {
        Map<String, Integer> model = new HashMap<>();
        PersistentMap<String, Integer> map = PersistentMap.of();
        for (int round = 0; round < 300; round++) {
            Map<String, Integer> before = Map.copyOf(model);
            PersistentMap<String, Integer> version = map;
            Map<String, Integer> added = someEntries();
            Set<String> removed = someEntries().keySet();
            model.keySet().removeAll(removed);
            model.putAll(added);
            map = version.with(added, removed);

            assertThat(map).isEqualTo(model).hasSameSizeAs(model);
            for (int key = 0; key < KEYS; key++) {
                assertThat(map.get("key" + key)).isEqualTo(model.get("key" + key));
            }
            assertThat(version).as("the version before").isEqualTo(before);
            Set<String> differences = differences(before, model);
            assertThat(PersistentMap.differences(version, map)).isEqualTo(differences);
            assertThat(PersistentMap.differences(map, version)).isEqualTo(differences);
            assertThat(PersistentMap.differences(before, map)).isEqualTo(differences);
        }
        assertThat(model).as("so many that it had to grow").hasSizeGreaterThan(300);
    }

    private Map<String, Integer> someEntries() {
        Map<String, Integer> entries = new HashMap<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            entries.put("key" + random.nextInt(KEYS), random.nextInt(3));
        }
        return entries;
    }

    private static Set<String> differences(Map<String, Integer> some, Map<String, Integer> others) {
        Set<String> keys = new HashSet<>(some.keySet());
        keys.addAll(others.keySet());
        keys.removeIf(key -> some.containsKey(key) && some.get(key).equals(others.get(key)));
        return keys;
    }

    @Test
    void isItselfWhenNothingChanges() {
        PersistentMap<String, String> map = PersistentMap.copyOf(Map.of("a", "x", "b", "y"));
        assertThat(map.with("a", "x")).isSameAs(map);
        assertThat(map.without("c")).isSameAs(map);
        assertThat(PersistentMap.copyOf(map)).isSameAs(map);
    }

    @Test
    void keepsTheNewObjectOfTwoThatAreEqual() {
        String old = new String("x");
        String equal = new String("x");
        PersistentMap<String, String> map = PersistentMap.<String, String>of().with("a", old);
        assertThat(map.with("a", equal).get("a")).isSameAs(equal);
        assertThat(PersistentMap.differences(map, map.with("a", equal))).isEmpty();
    }

    @Test
    void anEntryThatIsBothRemovedAndAddedIsThere() {
        PersistentMap<String, String> map = PersistentMap.<String, String>of().with("a", "x");
        assertThat(map.with(Map.of("a", "x"), Set.of("a"))).containsOnly(Map.entry("a", "x"));
    }
}
