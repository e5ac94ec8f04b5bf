package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Enums;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The whole of what we say about one Service. Whatever is not in it is taken back.
 *
 * @param ingress the addresses that clients can use, in the order of {@link Addresses#ORDER}
 * @param conditions at most one of each type, in the order of {@link Condition.Type}
 * @param allocated the addresses the Service holds, so that a restart gives it the same ones
 * @param externalIps the addresses to merge into {@code spec.externalIPs}
 */
public record ServiceStatus(
        List<Ingress> ingress, List<Condition> conditions, List<InetAddress> allocated, List<InetAddress> externalIps) {
    /** Nothing is said. */
    public static final ServiceStatus NONE = new ServiceStatus(List.of(), List.of(), List.of(), List.of());

    public ServiceStatus {
        ingress = List.copyOf(ingress);
        conditions = List.copyOf(conditions);
        allocated = List.copyOf(allocated);
        externalIps = List.copyOf(externalIps);
    }

    /** What is left standing when we stop: the allocation, so that the next start reshuffles nothing. */
    public ServiceStatus withdrawn() {
        return new ServiceStatus(List.of(), List.of(), allocated, List.of());
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
     * @param reason one word for programs: a {@link Reason} when something is wrong
     * @param message a sentence for people
     */
    public record Condition(Type type, boolean holds, String reason, String message) {
        /** The reason of a condition that does not hold yet, with nothing wrong. */
        public static final String PENDING = "Pending";

        /** The conditions we report, in the order in which things happen. */
        public enum Type {
            /** The Service holds the addresses it asks for. */
            ALLOCATED("littlelb.io/Allocated"),
            /** Its addresses are on the link and its ports are open. */
            PROGRAMMED("littlelb.io/Programmed"),
            /** There is an endpoint behind every port. */
            BACKENDS_AVAILABLE("littlelb.io/BackendsAvailable"),
            /** Some ports cannot be served; the Kubernetes API's own name, set only when it holds. */
            PORTS_ERROR("LoadBalancerPortsError");

            private final String text;

            Type(String text) {
                this.text = text;
            }

            /** The type as it is written on the Service. */
            public String text() {
                return text;
            }
        }

        public Condition {
            requireNonNull(type, "type");
            requireNonNull(reason, "reason");
            requireNonNull(message, "message");
        }

        /** Whether something is wrong. */
        public boolean isComplaint() {
            return Enums.getIfPresent(Reason.class, reason).isPresent();
        }
    }
}
