package io.littlelb.proxy.tcp;

import io.littlelb.core.model.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;

/**
 * What connections go by.
 *
 * @param maxConnections as many as the process may have
 * @param maxConnectionsPerSource of each client of a Service that has no limit of its own
 * @param proxies networks of proxies in front of us
 */
public record TcpConfig(
        Timeouts timeouts, int maxConnections, OptionalInt maxConnectionsPerSource, List<Cidr> proxies) {
    public TcpConfig {
        proxies = List.copyOf(proxies);
    }

    /** Whether this host is a proxy in front of us. */
    boolean isProxy(InetAddress peer) {
        return proxies.stream().anyMatch(network -> network.contains(peer));
    }
}
