package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/**
 * The name of a Service, unique in a cluster; ordered by namespace, then name; prints {@code namespace/name}.
 *
 * <p>A pass looks up and compares keys by the ten thousand: what a record does by itself goes by method handles, which costs several times as
 * much until the JVM's second compiler has seen to it.
 */
public record ServiceKey(String namespace, String name) implements Comparable<ServiceKey> {
    public ServiceKey {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    @Override
    public int compareTo(ServiceKey other) {
        int order = namespace.compareTo(other.namespace);
        return order == 0 ? name.compareTo(other.name) : order;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ServiceKey key && name.equals(key.name) && namespace.equals(key.namespace));
    }

    @Override
    public int hashCode() {
        return 31 * namespace.hashCode() + name.hashCode();
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
