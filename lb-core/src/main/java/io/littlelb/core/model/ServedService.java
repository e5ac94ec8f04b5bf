package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * A Service and who serves it, port by port: what a program that knows both tells an {@link io.littlelb.core.port.EndpointSource}.
 *
 * @param backends by port; a port that is left out has none
 */
public record ServedService(ServiceSpec spec, Map<ServicePort, PortBackends> backends) {
    public ServedService {
        requireNonNull(spec, "spec");
        backends = ImmutableMap.copyOf(backends);
    }

    /** The name of the Service. */
    public ServiceKey key() {
        return spec.key();
    }
}
