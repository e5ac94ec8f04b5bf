package io.littlelb.core.model;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.stream.Stream;

/** One thing that users may say about the traffic of a Service, in an annotation {@code littlelb.io/NAME} or a file. */
public enum Policy {
    BALANCE {
        @Override
        public TrafficPolicy apply(TrafficPolicy traffic, String text) {
            return traffic.withBalance(constant(Balance.values(), text));
        }
    },
    /** A backend that expects it takes a client that comes without for broken, or for another: not to be served by guess. */
    PROXY_PROTOCOL {
        @Override
        public TrafficPolicy apply(TrafficPolicy traffic, String text) {
            return traffic.withProxyProtocol(constant(ProxyProtocol.values(), text));
        }

        @Override
        public boolean isOfSecurity() {
            return true;
        }
    },
    IDLE_TIMEOUT {
        @Override
        public TrafficPolicy apply(TrafficPolicy traffic, String text) {
            return traffic.withIdleTimeout(text.equals("off") ? Duration.ZERO : duration(text));
        }
    },
    DRAIN_TIMEOUT {
        @Override
        public TrafficPolicy apply(TrafficPolicy traffic, String text) {
            return traffic.withDrainTimeout(duration(text));
        }
    },
    MAX_CONNECTIONS {
        @Override
        public TrafficPolicy apply(TrafficPolicy traffic, String text) {
            return traffic.withMaxConnections(number(text));
        }
    },
    MAX_CONNECTIONS_PER_SOURCE {
        @Override
        public TrafficPolicy apply(TrafficPolicy traffic, String text) {
            return traffic.withMaxConnectionsPerSource(number(text));
        }
    };

    /**
     * The traffic with this policy as a user has written it.
     *
     * @throws IllegalArgumentException when that makes no sense; the message has the value, and what is allowed
     */
    public abstract TrafficPolicy apply(TrafficPolicy traffic, String text);

    /** Whether a Service is better not served at all than without it. */
    public boolean isOfSecurity() {
        return false;
    }

    /** The name that users write: {@code proxy-protocol}. */
    public String text() {
        return Shown.word(this);
    }

    private static <E extends Enum<E>> E constant(E[] constants, String text) {
        return Stream.of(constants)
                .filter(constant -> Shown.word(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(Shown.quoted(text) + " is none of "
                        + Stream.of(constants).map(Shown::word).collect(joining(", "))));
    }

    private static int number(String text) {
        boolean number = text.matches("[1-9][0-9]{0,8}");
        if (!number) {
            throw new IllegalArgumentException(Shown.quoted(text) + " is no number from 1 to 999999999");
        }
        return Integer.parseInt(text);
    }

    private static Duration duration(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        Shown.quoted(text) + " is no duration such as 250ms, 3s, 2m or 1h"));
    }
}
