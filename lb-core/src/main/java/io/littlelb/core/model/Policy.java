package io.littlelb.core.model;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One thing that users may say about the traffic of a Service: in an annotation {@code littlelb.io/NAME}, as a key of a file, or as {@code --policy
 * NAME=VALUE}. Each is one entry here, and all three know it.
 */
public enum Policy {
    BALANCE(Value.oneOf(Balance.values()), "round-robin", TrafficPolicy::withBalance),
    /** A backend that expects it takes a client that comes without for broken, or for another: not to be served by guess. */
    PROXY_PROTOCOL(Value.oneOf(ProxyProtocol.values()), "off", TrafficPolicy::withProxyProtocol) {
        @Override
        public boolean isOfSecurity() {
            return true;
        }
    },
    IDLE_TIMEOUT(Value.DURATION_OR_OFF, "that of the process", TrafficPolicy::withIdleTimeout),
    DRAIN_TIMEOUT(Value.DURATION, "that of the process", TrafficPolicy::withDrainTimeout),
    MAX_CONNECTIONS(Value.NUMBER, "a fair share of the process's", TrafficPolicy::withMaxConnections),
    MAX_CONNECTIONS_PER_SOURCE(Value.NUMBER, "that of the process", TrafficPolicy::withMaxConnectionsPerSource);

    private final String allowed;
    private final String byDefault;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final BiFunction<TrafficPolicy, String, TrafficPolicy> change;

    /**
     * @param value what users write
     * @param byDefault what holds where they do not, in words
     * @param with the traffic with the value
     */
    <V> Policy(Value<V> value, String byDefault, BiFunction<TrafficPolicy, V, TrafficPolicy> with) {
        this.allowed = value.allowed();
        this.byDefault = byDefault;
        this.change = (traffic, text) -> with.apply(traffic, value.read(text));
    }

    /**
     * A kind of value.
     *
     * @param allowed what may be written, in words
     * @param refusal what anything else is, in words
     */
    private record Value<V>(String allowed, String refusal, Function<String, Optional<V>> parser) {
        private static final String DURATIONS = "duration such as 250ms, 3s, 2m or 1h";
        private static final String NUMBERS = "number from 1 to 999999999";

        static final Value<Duration> DURATION = new Value<>("a " + DURATIONS, "no " + DURATIONS, Durations::parse);

        static final Value<Duration> DURATION_OR_OFF = new Value<>(
                "a " + DURATIONS + ", or off",
                "no " + DURATIONS,
                text -> text.equals("off") ? Optional.of(Duration.ZERO) : Durations.parse(text));

        static final Value<Integer> NUMBER = new Value<>(
                "a " + NUMBERS,
                "no " + NUMBERS,
                text -> Optional.of(text)
                        .filter(it -> it.matches("[1-9][0-9]{0,8}"))
                        .map(Integer::valueOf));

        static <E extends Enum<E>> Value<E> oneOf(E[] constants) {
            String words = Stream.of(constants).map(Shown::word).collect(joining(", "));
            return new Value<>(
                    "one of " + words,
                    "none of " + words,
                    text -> Stream.of(constants)
                            .filter(constant -> Shown.word(constant).equals(text))
                            .findFirst());
        }

        V read(String text) {
            return parser.apply(text)
                    .orElseThrow(() -> new IllegalArgumentException(Shown.quoted(text) + " is " + refusal));
        }
    }

    /**
     * What was made of all that is said about the traffic of a Service.
     *
     * @param traffic with every policy that makes sense
     * @param refused the others, in the order in which they were said
     */
    public record Reading(TrafficPolicy traffic, List<Refused> refused) {
        public Reading {
            refused = List.copyOf(refused);
        }
    }

    /**
     * A policy that makes no sense as it was written.
     *
     * @param why the value, and what is allowed
     */
    public record Refused(Policy policy, String why) {}

    /** Reads what is said; what makes no sense leaves the default in force. */
    public static Reading read(Map<Policy, String> texts) {
        TrafficPolicy traffic = TrafficPolicy.DEFAULT;
        List<Refused> refused = new ArrayList<>();
        for (Map.Entry<Policy, String> said : texts.entrySet()) {
            try {
                traffic = said.getKey().apply(traffic, said.getValue());
            } catch (IllegalArgumentException e) {
                refused.add(new Refused(said.getKey(), e.getMessage()));
            }
        }
        return new Reading(traffic, refused);
    }

    /** The policy of a name as users write it; empty when there is none. */
    public static Optional<Policy> named(String name) {
        return Stream.of(values()).filter(policy -> policy.text().equals(name)).findFirst();
    }

    /** The names of all. */
    public static List<String> names() {
        return Stream.of(values()).map(Policy::text).toList();
    }

    /**
     * The traffic with this policy as a user has written it.
     *
     * @throws IllegalArgumentException when that makes no sense; the message has the value, and what is allowed
     */
    public TrafficPolicy apply(TrafficPolicy traffic, String text) {
        return change.apply(traffic, text);
    }

    /** Whether a Service is better not served at all than without it. */
    public boolean isOfSecurity() {
        return false;
    }

    /** The name that users write: {@code proxy-protocol}. */
    public String text() {
        return Shown.word(this);
    }

    /** What users may write, in words: {@code a number from 1 to 999999999}. */
    public String allowed() {
        return allowed;
    }

    /** What holds where users write nothing, in words. */
    public String byDefault() {
        return byDefault;
    }
}
