package io.littlelb.k8s;

import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.ServicePort;
import io.littlelb.k8s.HealthChecks.Target;
import java.util.Map;
import java.util.Set;

/** The endpoints behind the ports of Services. */
interface ServiceBackends {
    Map<ServicePort, PortBackends> of(MappedService service);

    /** Whom to ask before traffic for a Service is sent there. */
    Set<Target> targets(MappedService service);
}
