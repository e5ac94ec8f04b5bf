package io.littlelb.admin;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.news.EndedConnections;
import io.littlelb.core.news.Journal;
import io.littlelb.core.port.AddressManager;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.Forwarder;

/**
 * A load balancer and its parts, to be asked about.
 *
 * @param version of the program, with its commit
 * @param mode how backends are found: {@code node-port}, {@code endpoints}, {@code file}
 * @param loadBalancer owns {@code source}, {@code addresses} and {@code forwarder}
 * @param tallies is the load balancer's listener
 * @param journal has what was logged
 * @param ended is the forwarder's listener
 */
public record Instance(
        String version,
        String mode,
        LoadBalancer loadBalancer,
        EndpointSource source,
        AddressManager addresses,
        Forwarder forwarder,
        Tallies tallies,
        Journal journal,
        EndedConnections ended,
        Controls controls) {
    public Instance {
        requireNonNull(version, "version");
        requireNonNull(mode, "mode");
        requireNonNull(loadBalancer, "loadBalancer");
        requireNonNull(source, "source");
        requireNonNull(addresses, "addresses");
        requireNonNull(forwarder, "forwarder");
        requireNonNull(tallies, "tallies");
        requireNonNull(journal, "journal");
        requireNonNull(ended, "ended");
        requireNonNull(controls, "controls");
    }
}
