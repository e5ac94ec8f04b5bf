package io.littlelb.testkit.apiserver;

import io.littlelb.testkit.apiserver.ResourceRequests.Target;
import io.littlelb.testkit.apiserver.Store.Change;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answer to one watch: changes as lines of JSON, as they happen.
 *
 * <p>Simpler than the real one in that an object which stops matching a selector is not reported as deleted.
 */
final class WatchStream {
    private static final JsonMapper JSON = new JsonMapper();
    /** How often a silent watch looks whether it is to end, and says where it stands. */
    private static final Duration TICK = Duration.ofMillis(100);

    private static final Duration BOOKMARK = Duration.ofSeconds(5);

    private final Store store;
    private final Faults faults;
    private final Target target;
    private final Request request;
    private final OutputStream out;
    private final Predicate<ObjectNode> selected;

    WatchStream(
            Store store,
            Faults faults,
            Target target,
            Request request,
            OutputStream out,
            Predicate<ObjectNode> selected) {
        this.store = store;
        this.faults = faults;
        this.target = target;
        this.request = request;
        this.out = out;
        this.selected = selected;
    }

    /** Runs until the client's time is over, the history has expired, or the watch is dropped. */
    void run() throws IOException, InterruptedException {
        int dropped = faults.dropped();
        long deadline = System.nanoTime() + timeout().toNanos();
        long bookmarkAt = System.nanoTime() + BOOKMARK.toNanos();
        try {
            long since = start();
            while (System.nanoTime() - deadline < 0 && faults.dropped() == dropped) {
                for (Change change : store.changesAfter(since, TICK)) {
                    faults.awaitSound();
                    since = change.version();
                    report(change);
                }
                if (System.nanoTime() - bookmarkAt > 0) {
                    bookmarkAt = System.nanoTime() + BOOKMARK.toNanos();
                    bookmark(since);
                }
            }
        } catch (ApiException expired) {
            send("ERROR", expired.status());
        }
    }

    private Duration timeout() {
        String seconds = request.parameter("timeoutSeconds");
        return Duration.ofSeconds(seconds.isEmpty() ? 1800 : Long.parseLong(seconds));
    }

    private long start() throws IOException {
        String version = request.parameter("resourceVersion");
        if (!version.isEmpty() && !version.equals("0")) {
            return Long.parseLong(version);
        }
        synchronized (store) { // the list and its version belong together
            for (ObjectNode object : store.list(target.type().storedAs(), target.namespace())) {
                sendIfSelected("ADDED", object);
            }
            return store.version();
        }
    }

    private void report(Change change) throws IOException {
        boolean meant = change.key().type().equals(target.type().storedAs())
                && (target.namespace().isEmpty() || change.key().namespace().equals(target.namespace()));
        if (meant) {
            sendIfSelected(change.what(), change.object());
        }
    }

    private void sendIfSelected(String what, ObjectNode object) throws IOException {
        ObjectNode shown = ResourceRequests.shown(target, object);
        if (selected.test(shown)) {
            send(what, Tables.isAskedFor(request) ? Tables.of(target.type(), shown) : shown);
        }
    }

    private void bookmark(long version) throws IOException {
        if (request.parameter("allowWatchBookmarks").equals("true")) {
            ObjectNode bookmark = JsonNodeFactory.instance.objectNode();
            bookmark.put("kind", target.type().kind())
                    .put("apiVersion", target.type().apiVersion());
            bookmark.putObject("metadata").put("resourceVersion", Long.toString(version));
            send("BOOKMARK", bookmark);
        }
    }

    private void send(String what, ObjectNode object) throws IOException {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("type", what).set("object", object);
        out.write((JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
