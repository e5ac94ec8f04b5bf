package io.littlelb.cli.ask;

import io.littlelb.admin.view.ServiceView;
import io.littlelb.cli.ask.Cell.Mood;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The state of a Service, in a few words. */
final class ServiceState {
    private ServiceState() {}

    /** {@code served 3 d, 1 backend ejected}; {@code AddressInUse: held by default/web}. */
    static Cell of(ServiceView service) {
        List<String> words = new ArrayList<>();
        if (service.served()) {
            words.add("served"
                    + service.stateSeconds().map(it -> " " + Units.span(it)).orElse(""));
        }
        service.problems().forEach(it -> words.add(it.reason() + ": " + it.message()));
        if (service.drained() && service.problems().isEmpty()) {
            words.add("drained");
        }
        if (words.isEmpty()) {
            words.add("not yet served");
        }
        int ejected = service.backendsListed() - service.backendsAnswering();
        if (service.served() && ejected > 0) {
            words.add(ejected + (ejected == 1 ? " backend ejected" : " backends ejected"));
        }
        return Cell.of(String.join(", ", words), mood(service));
    }

    private static Mood mood(ServiceView service) {
        if (!service.served()) {
            return Mood.BAD;
        }
        return service.drained() || !service.problems().isEmpty() ? Mood.WARN : Mood.PLAIN;
    }

    static Mood ofBackends(ServiceView service) {
        if (service.backendsAnswering() == service.backendsListed()) {
            return Mood.PLAIN;
        }
        return service.backendsAnswering() == 0 ? Mood.BAD : Mood.WARN;
    }

    /** Each once, as {@code 80} or {@code 53/UDP}: a Service of two families has two frontends for one. */
    static List<String> ports(ServiceView service) {
        return service.ports().stream()
                .map(it -> it.protocol().equals("TCP") ? "" + it.port() : it.port() + "/" + it.protocol())
                .distinct()
                .collect(Collectors.toList());
    }
}
