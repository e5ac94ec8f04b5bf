package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The whole of what we say about one Service. Whatever is not in it is taken back.
 *
 * @param ingress the addresses that clients can use, in the order of {@link Addresses#ORDER}
 * @param conditions at most one of each type, in the order of {@link Condition.Type}
 * @param allocated the addresses the Service holds and on which terms, so that a restart gives it the same ones
 * @param externalIps the addresses to merge into {@code spec.externalIPs}
 */
public record ServiceStatus(
        List<Ingress> ingress, List<Condition> conditions, List<Held> allocated, List<InetAddress> externalIps) {
    /** Nothing is said. */
    public static final ServiceStatus NONE = new ServiceStatus(List.of(), List.of(), List.of(), List.of());

    public ServiceStatus {
        ingress = List.copyOf(ingress);
        conditions = List.copyOf(conditions);
        allocated = List.copyOf(allocated);
        externalIps = List.copyOf(externalIps);
    }

    /** Whether it says that all is as the Service asks for. */
    public boolean isServed() {
        return !conditions.isEmpty()
                && conditions.stream()
                        .allMatch(condition -> condition.holds() && condition.type() != Condition.Type.PORTS_ERROR);
    }

    /** What is left standing when we stop: the allocation, so that the next start reshuffles nothing. */
    public ServiceStatus withdrawn() {
        return new ServiceStatus(List.of(), List.of(), allocated, List.of());
    }

    /** An address that a Service holds. */
    public record Held(InetAddress ip, Terms terms) {
        /** With whom an address is held; the names are written on Services. */
        public enum Terms {
            /** With nobody. */
            EXCLUSIVE,
            /** With Services of the same namespace and key. */
            SHARED,
            /** It is the link's own, with every Service that has that. */
            LINK
        }

        public Held {
            requireNonNull(ip, "ip");
            requireNonNull(terms, "terms");
        }

        /** An address of its own. */
        public static Held exclusive(InetAddress ip) {
            return new Held(ip, Terms.EXCLUSIVE);
        }

        /** What a Service has been allocated, in the order of {@link Addresses#ORDER}. */
        public static List<Held> of(Collection<Allocation> allocations) {
            return allocations.stream()
                    .flatMap(allocation -> allocation.ip().stream().map(ip -> new Held(ip, terms(allocation))))
                    .sorted(Comparator.comparing(Held::ip, Addresses.ORDER))
                    .toList();
        }

        private static Terms terms(Allocation allocation) {
            if (allocation instanceof Allocation.LinkAddress) {
                return Terms.LINK;
            }
            return allocation instanceof Allocation.SharedByKey ? Terms.SHARED : Terms.EXCLUSIVE;
        }
    }

    /** An address that clients can use, with the state of each port behind it. */
    public record Ingress(InetAddress ip, List<Port> ports) {
        public Ingress {
            requireNonNull(ip, "ip");
            ports = List.copyOf(ports);
        }

        /** One port of an ingress, and why it is not served when it is not. */
        public record Port(int port, Protocol protocol, Optional<Reason> error) {
            public Port {
                Ports.check(port);
                requireNonNull(protocol, "protocol");
                requireNonNull(error, "error");
            }
        }
    }

    /**
     * One condition, as of {@code metav1.Condition}. When it last changed is the writer's knowledge: two statuses that say
     * the same are equal.
     *
     * @param problem what is wrong, if something is; one that holds all the same is a remark
     * @param message a sentence for people
     */
    public record Condition(Type type, boolean holds, Optional<Reason> problem, String message) {
        private static final String PENDING = "Pending";

        /** The conditions we report, in the order in which things happen. */
        public enum Type {
            /** The Service holds the addresses it asks for. */
            ALLOCATED("littlelb.io/Allocated", "Allocated"),
            /** Its addresses are on the link and its ports are open. */
            PROGRAMMED("littlelb.io/Programmed", "Programmed"),
            /** There is an endpoint behind every port. */
            BACKENDS_AVAILABLE("littlelb.io/BackendsAvailable", "BackendsAvailable"),
            /** Some ports cannot be served; the Kubernetes API's own name, set only when it holds. */
            PORTS_ERROR("LoadBalancerPortsError", "");

            private final String text;
            private final String good;

            Type(String text, String good) {
                this.text = text;
                this.good = good;
            }

            /** The type as it is written on the Service. */
            public String text() {
                return text;
            }
        }

        public Condition {
            requireNonNull(type, "type");
            requireNonNull(problem, "problem");
            requireNonNull(message, "message");
        }

        /** It holds, and nothing is wrong. */
        public static Condition good(Type type, String message) {
            return new Condition(type, true, Optional.empty(), message);
        }

        /** It does not hold yet, with nothing wrong. */
        public static Condition pending(Type type, String message) {
            return new Condition(type, false, Optional.empty(), message);
        }

        /** It does not hold. */
        public static Condition bad(Type type, Reason reason, String message) {
            return new Condition(type, false, Optional.of(reason), message);
        }

        /** It holds, and there is something to be said all the same. */
        public static Condition remark(Type type, Reason reason, String message) {
            return new Condition(type, true, Optional.of(reason), message);
        }

        /** The condition that has a reason by its word; empty when we have never written that. */
        public static Optional<Condition> read(Type type, boolean holds, String reason, String message) {
            Condition plain = new Condition(type, holds, Optional.empty(), message);
            return plain.reason().equals(reason)
                    ? Optional.of(plain)
                    : Reason.of(reason).map(problem -> new Condition(type, holds, Optional.of(problem), message));
        }

        /** One word for programs: the problem's, or that there is none. */
        public String reason() {
            return problem.map(Reason::name).orElse(holds ? type.good : PENDING);
        }

        /** Whether nothing is wrong, but it does not hold yet. */
        public boolean isPending() {
            return !holds && problem.isEmpty();
        }
    }
}
