package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.List;

/**
 * The endpoints that serve one frontend.
 *
 * <p>Nodes are kept as one shared pool with a port beside it: a thousand nodes behind ten thousand ports are eleven
 * thousand objects, not ten million.
 */
public sealed interface Backends {
    /** No endpoint at all. */
    static Backends none() {
        return new Listed(List.of());
    }

    /** How many endpoints there are. */
    int size();

    /** The endpoint at a position, 0 to {@code size() - 1}. */
    Backend at(int index);

    /** Whether there is no endpoint. */
    default boolean isEmpty() {
        return size() == 0;
    }

    /** Whether this is one of them. */
    boolean contains(Backend backend);

    /** Endpoints one by one, as a person or an EndpointSlice lists them. */
    record Listed(List<Backend> endpoints) implements Backends {
        public Listed {
            endpoints = List.copyOf(endpoints);
        }

        @Override
        public int size() {
            return endpoints.size();
        }

        @Override
        public Backend at(int index) {
            return endpoints.get(index);
        }

        @Override
        public boolean contains(Backend backend) {
            return endpoints.contains(backend);
        }

        @Override
        public String toString() {
            return endpoints.toString();
        }
    }

    /** The same port on every node of a pool. */
    record OnNodes(NodePool nodes, int nodePort) implements Backends {
        public OnNodes {
            requireNonNull(nodes, "nodes");
            Ports.check(nodePort);
        }

        @Override
        public int size() {
            return nodes.addresses().size();
        }

        @Override
        public Backend at(int index) {
            return new Backend(nodes.addresses().get(index), nodePort);
        }

        @Override
        public boolean contains(Backend backend) {
            return backend.port() == nodePort && nodes.addresses().contains(backend.ip());
        }

        @Override
        public String toString() {
            return nodes + ":" + nodePort;
        }
    }

    /** Addresses of one family of the nodes that take traffic; one object shared by all ports that use it. */
    record NodePool(List<InetAddress> addresses) {
        public NodePool {
            addresses = List.copyOf(addresses);
        }

        @Override
        public String toString() {
            return addresses.stream().map(Addresses::print).toList().toString();
        }
    }
}
