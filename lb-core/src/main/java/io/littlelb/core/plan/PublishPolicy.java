package io.littlelb.core.plan;

import io.littlelb.core.model.ClusterSnapshot;
import java.net.InetAddress;
import java.util.Set;

/** Decides at each pass where addresses are told: a host may become a node of the cluster, or cease to be one. */
@FunctionalInterface
public interface PublishPolicy {
    Publish of(ClusterSnapshot cluster);

    /** The same, whatever the cluster looks like. */
    static PublishPolicy always(Publish publish) {
        return cluster -> publish;
    }

    /**
     * External IPs as well as the status, so that pods reach the address without leaving the cluster; but not on a host that
     * is a node, where kube-proxy would then take the traffic before it comes to our listener.
     *
     * @param host the addresses of this host
     */
    static PublishPolicy besideTheCluster(Set<InetAddress> host) {
        return cluster -> cluster.nodeAddresses().stream().anyMatch(host::contains) ? Publish.STATUS : Publish.BOTH;
    }
}
