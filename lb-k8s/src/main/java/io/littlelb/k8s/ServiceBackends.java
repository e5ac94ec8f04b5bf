package io.littlelb.k8s;

import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.ServicePort;
import java.util.Map;

/** The endpoints behind the ports of Services, at one moment. */
interface ServiceBackends {
    Map<ServicePort, PortBackends> of(MappedService service);
}
