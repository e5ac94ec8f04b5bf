package io.littlelb.admin;

import com.google.common.base.Splitter;
import io.littlelb.admin.view.BackendView;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** The metrics of backends: of up to {@link #MOST} of them, above which there are none but how many there are. */
final class BackendMetrics {
    /** Of more, the scrapes would be more of a burden than of use; views and Events tell of each. */
    static final int MOST = 2_000;

    private final Map<Labels, Sum> backends = new TreeMap<>();
    private final int count;

    BackendMetrics(Observation seen) {
        count = seen.listedBackends();
        if (count <= MOST) {
            BackendsMaker.backends(seen, any -> true).backends().stream()
                    .filter(backend -> !backend.state().equals("gone"))
                    .forEach(backend -> backends.computeIfAbsent(labels(backend), none -> new Sum())
                            .add(backend));
        }
    }

    /** A backend of a port, behind all of its Service's addresses. */
    private static final class Sum {
        private boolean up = true;
        private long active;
        private long accepted;
        private long failed;

        void add(BackendView backend) {
            up &= backend.ejection().isEmpty();
            active += backend.connections();
            accepted += backend.accepted();
            failed += backend.failed();
        }
    }

    private static Labels labels(BackendView backend) {
        List<String> service = Splitter.on('/').splitToList(backend.service());
        String frontend = backend.frontend();
        return Labels.of(
                "namespace", service.get(0),
                "service", service.get(1),
                "port", frontend.substring(frontend.lastIndexOf(':') + 1),
                "protocol", backend.protocol(),
                "backend", backend.backend());
    }

    void into(Families families) {
        families.gauge(
                "backends",
                "Backends of all frontends; of each one there is more up to " + MOST + " of them.",
                points -> points.add(count, Labels.EMPTY));
        gauge(
                families,
                "backend_up",
                "Whether clients are sent to a backend: 0 while it is ejected.",
                backend -> backend.up ? 1 : 0);
        gauge(families, "backend_active_connections", "Connections to a backend now.", backend -> backend.active);
        families.counter(
                "backend_dials",
                "Connections to a backend that were tried, by how that went.",
                points -> backends.forEach((labels, backend) -> {
                    points.add(backend.accepted, labels.add("result", "ok"));
                    points.add(backend.failed, labels.add("result", "failed"));
                }));
    }

    private void gauge(Families families, String name, String help, ToLongFunction<Sum> value) {
        families.gauge(
                name,
                help,
                points -> backends.forEach((labels, backend) -> points.add(value.applyAsLong(backend), labels)));
    }
}
