package io.littlelb.admin;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import java.util.Map;

/** How many backends of a frontend get no clients for now. */
final class Ejections {
    private Ejections() {}

    /** Of those that are listed. */
    static int among(Backends listed, Map<Backend, Counters.OfBackend> counted) {
        return (int) counted.entrySet().stream()
                .filter(entry -> entry.getValue().ejection().isPresent() && listed.contains(entry.getKey()))
                .count();
    }
}
