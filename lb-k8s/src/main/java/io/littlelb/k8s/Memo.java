package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Maps the objects of a cache, each only when it has changed: an object with the same uid and resourceVersion maps to the same
 * result as last time. Used by one thread at a time.
 */
final class Memo<T extends HasMetadata, V> {
    private final Function<T, V> mapper;
    private Map<String, V> known = Map.of();

    Memo(Function<T, V> mapper) {
        this.mapper = mapper;
    }

    /** What the objects map to, in their order; forgets what objects mapped to that are no longer among them. */
    List<V> map(Collection<T> objects) {
        Map<String, V> now = new HashMap<>();
        List<V> mapped = new ArrayList<>(objects.size());
        for (T object : objects) {
            String version =
                    object.getMetadata().getUid() + "@" + object.getMetadata().getResourceVersion();
            V value = known.containsKey(version) ? known.get(version) : mapper.apply(object);
            now.put(version, value);
            mapped.add(value);
        }
        known = now;
        return mapped;
    }
}
