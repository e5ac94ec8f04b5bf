package io.littlelb.testkit.apiserver;

import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Events are kept once and shown in two shapes: the core group's and that of events.k8s.io. */
final class EventShapes {
    private static final Map<String, String> CORE_NAMES = Map.of(
            "regarding", "involvedObject",
            "note", "message",
            "reportingController", "reportingComponent",
            "deprecatedCount", "count",
            "deprecatedFirstTimestamp", "firstTimestamp",
            "deprecatedLastTimestamp", "lastTimestamp",
            "deprecatedSource", "source");

    private EventShapes() {}

    /** As it is kept: the core group's shape. */
    static ObjectNode toCore(ObjectNode event) {
        ObjectNode core = event.deepCopy().put("apiVersion", "v1");
        CORE_NAMES.forEach((from, to) -> rename(core, from, to));
        return core;
    }

    /** As events.k8s.io shows it. */
    static ObjectNode toEventsGroup(ObjectNode core) {
        ObjectNode event = core.deepCopy().put("apiVersion", "events.k8s.io/v1");
        CORE_NAMES.forEach((to, from) -> rename(event, from, to));
        return event;
    }

    private static void rename(ObjectNode object, String from, String to) {
        if (object.has(from)) {
            object.set(to, object.remove(from));
        }
    }
}
