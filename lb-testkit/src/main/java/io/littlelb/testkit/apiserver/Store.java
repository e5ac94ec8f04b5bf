package io.littlelb.testkit.apiserver;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * All objects, with one version that grows with every change, and the changes of late.
 *
 * <p>The lock is this object's monitor: whoever reads, decides and writes holds it throughout. Objects are never changed in
 * place, only replaced.
 */
final class Store {
    private static final int HISTORY = 10_000;

    private final Map<ObjectKey, ObjectNode> objects = new TreeMap<>();
    private final Deque<Change> history = new ArrayDeque<>();
    private long version = 1;
    private long forgotten = 1;
    private boolean closed;

    /** Where an object is kept; the namespace is empty for one that has none. */
    record ObjectKey(String type, String namespace, String name) implements Comparable<ObjectKey> {
        @Override
        public int compareTo(ObjectKey other) {
            return (type + "/" + namespace + "/" + name)
                    .compareTo(other.type + "/" + other.namespace + "/" + other.name);
        }
    }

    /** What happened to an object, in the words of a watch: ADDED, MODIFIED or DELETED. */
    record Change(long version, String what, ObjectKey key, ObjectNode object) {}

    synchronized long version() {
        return version;
    }

    synchronized Optional<ObjectNode> get(ObjectKey key) {
        return Optional.ofNullable(objects.get(key));
    }

    /** All objects of a type; of one namespace, or of all when it is empty. */
    synchronized List<ObjectNode> list(String type, String namespace) {
        List<ObjectNode> found = new ArrayList<>();
        objects.forEach((key, object) -> {
            if (key.type.equals(type) && (namespace.isEmpty() || key.namespace.equals(namespace))) {
                found.add(object);
            }
        });
        return found;
    }

    /** Creates or replaces, and gives the object its new version. */
    synchronized ObjectNode put(ObjectKey key, ObjectNode object) {
        ObjectNode stored = withVersion(object, ++version);
        boolean added = objects.put(key, stored) == null;
        remember(new Change(version, added ? "ADDED" : "MODIFIED", key, stored));
        return stored;
    }

    /** Creates or replaces; an object that says what its version is, or has no metadata to say it in, is kept word for word. */
    synchronized void keep(ObjectKey key, ObjectNode object) {
        version++;
        boolean silent =
                object.path("metadata").isObject() && !object.path("metadata").has("resourceVersion");
        ObjectNode stored = silent ? withVersion(object, version) : object;
        boolean added = objects.put(key, stored) == null;
        remember(new Change(version, added ? "ADDED" : "MODIFIED", key, stored));
    }

    synchronized ObjectNode remove(ObjectKey key) {
        ObjectNode last = withVersion(objects.remove(key), ++version);
        remember(new Change(version, "DELETED", key, last));
        return last;
    }

    /**
     * The changes after a version, in their order; waits for the first one.
     *
     * @return empty when none came in time
     * @throws ApiException when they are no longer remembered
     */
    synchronized List<Change> changesAfter(long since, Duration longest) throws ApiException, InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        while (version <= since && since >= forgotten && !closed) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return List.of();
            }
            wait(Math.max(1, left / 1_000_000));
        }
        if (since < forgotten) {
            throw ApiException.expired(since);
        }
        return history.stream().filter(change -> change.version > since).toList();
    }

    /** Forgets all history: whoever watches from an earlier version has to list again. */
    synchronized void compact() {
        history.clear();
        forgotten = ++version;
        notifyAll();
    }

    /** Wakes everybody who waits. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void remember(Change change) {
        history.addLast(change);
        if (history.size() > HISTORY) {
            forgotten = history.removeFirst().version;
        }
        notifyAll();
    }

    private static ObjectNode withVersion(ObjectNode object, long version) {
        ObjectNode copy = object.deepCopy();
        copy.withObject("metadata").put("resourceVersion", Long.toString(version));
        return copy;
    }
}
