package io.littlelb.cli;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.linux.SocketOwner;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for programs of this host that listen where Services are to be served.
 *
 * @param link as it is now
 * @param instance the Little LB that runs already, and may listen there
 */
record PortCheck(Link link, List<AddressPool> pools, Optional<Long> instance) {
    /** A finding for each port that somebody else has. */
    List<Finding> findings(List<ServiceSpec> services) {
        List<Finding> findings = new ArrayList<>();
        for (ServiceSpec service : services) {
            for (ServicePort port : service.ports()) {
                if (port.protocol() == Protocol.TCP) {
                    taken(service, port).ifPresent(findings::add);
                }
            }
        }
        return findings;
    }

    private Optional<Finding> taken(ServiceSpec service, ServicePort port) {
        for (InetAddress ip : addresses(service)) {
            Optional<SocketOwner> owner = SocketOwner.ofListener(ip, port.port())
                    .filter(other -> instance.filter(pid -> pid == other.pid()).isEmpty());
            if (owner.isPresent()) {
                return Optional.of(
                        Finding.warn(
                                "port " + port.port() + " of " + Addresses.print(ip) + ", where Service "
                                        + service.key()
                                        + " is to be served, is taken by process "
                                        + owner.get().pid() + " ("
                                        + owner.get().command() + ")",
                                "stop that program, let it listen on an address of its own, or give the Service another port or address"));
            }
        }
        return Optional.empty();
    }

    /** Where it will be, as far as that is known before it is; of a pool one address, for the sake of who listens on all. */
    private List<InetAddress> addresses(ServiceSpec service) {
        if (service.request() instanceof AddressRequest.Literal exact) {
            return List.copyOf(exact.addresses());
        }
        if (!(service.request() instanceof AddressRequest.Any)) {
            return List.of();
        }
        return pools.isEmpty()
                ? link.hostAddresses().stream().map(Cidr::address).toList()
                : pools.stream()
                        .flatMap(pool -> pool.ranges().stream())
                        .map(range -> range.first())
                        .toList();
    }
}
