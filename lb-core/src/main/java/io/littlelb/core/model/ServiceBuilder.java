package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Puts a Service together in a program:
 *
 * <pre>{@code
 * ServiceSpec.named("default/web")
 *         .address("198.18.0.9")
 *         .tcp(8080, "198.18.0.21:8080", "198.18.0.22:8080")
 *         .build();
 * }</pre>
 *
 * <p>Without an address, the Service has any of the pools, or the link's own. What makes no sense is an {@link IllegalArgumentException} at the call
 * that says it, for it is the program's mistake. For one thread; may be built from several times.
 */
public final class ServiceBuilder {
    private final ServiceKey key;
    private AddressRequest request = AddressRequest.none();
    private Set<Family> families = Set.of(Family.IPV4);
    private Optional<String> sharingKey = Optional.empty();
    private Instant createdAt = Instant.EPOCH;
    private TrafficPolicy traffic = TrafficPolicy.DEFAULT;
    private final Map<ServicePort, PortBackends> backends = new LinkedHashMap<>();

    ServiceBuilder(String name) {
        List<String> parts = Splitter.on('/').splitToList(name);
        if (parts.size() != 2 || parts.contains("")) {
            throw new IllegalArgumentException(Shown.quoted(name) + " is not NAMESPACE/NAME such as default/web");
        }
        this.key = new ServiceKey(parts.get(0), parts.get(1));
    }

    /** Asks for these addresses, one of a family at most; they replace what was asked for before. */
    public ServiceBuilder address(String... literals) {
        AddressRequest parsed = AddressRequest.parse("", String.join(",", literals));
        if (parsed instanceof AddressRequest.Invalid invalid) {
            throw new IllegalArgumentException(invalid.problem().detail());
        }
        request = parsed;
        return this;
    }

    /** Asks for any address of a pool; it replaces what was asked for before. */
    public ServiceBuilder pool(String name) {
        request = AddressRequest.ofPool(requireNonNull(name, "name"));
        return this;
    }

    /** The families to serve where no address says so; IPv4 by default. */
    public ServiceBuilder families(Family first, Family... more) {
        families = EnumSet.of(first, more);
        return this;
    }

    /** Services of one namespace with equal keys may share an address that none of them has asked for. */
    public ServiceBuilder sharing(String sharedBy) {
        sharingKey = Optional.of(sharedBy);
        return this;
    }

    /** Of two that want the same address, the older one has it; all are of the same age by default, and the first by name has it. */
    public ServiceBuilder createdAt(Instant instant) {
        createdAt = requireNonNull(instant, "instant");
        return this;
    }

    /** How its connections are treated; {@link TrafficPolicy#DEFAULT} by default. */
    public ServiceBuilder traffic(TrafficPolicy policy) {
        traffic = requireNonNull(policy, "policy");
        return this;
    }

    /** A TCP port and who serves it, such as {@code 198.18.0.21:8080} or {@code [2001:db8::2]:8080}. */
    public ServiceBuilder tcp(int port, String... servedBy) {
        List<Backend> parsed = Stream.of(servedBy)
                .map(text -> Backend.parse(text)
                        .orElseThrow(() -> new IllegalArgumentException(Shown.quoted(text)
                                + " is not ADDRESS:PORT such as 198.18.0.21:8080 or [2001:db8::2]:8080")))
                .toList();
        return port("", Protocol.TCP, port, PortBackends.ofBoth(new Backends.Listed(parsed)));
    }

    /**
     * A port and who serves it.
     *
     * @param name what the port is called; may be empty
     */
    public ServiceBuilder port(String name, Protocol protocol, int port, PortBackends servedBy) {
        boolean twice =
                backends.keySet().stream().anyMatch(other -> other.port() == port && other.protocol() == protocol);
        if (twice) {
            throw new IllegalArgumentException("port " + port + "/" + protocol + " is there twice");
        }
        backends.put(new ServicePort(name, protocol, port), requireNonNull(servedBy, "servedBy"));
        return this;
    }

    /** The Service as it has been described. */
    public ServedService build() {
        ServiceSpec spec = new ServiceSpec(
                key,
                "embedded:" + key,
                createdAt,
                request,
                families,
                true,
                sharingKey,
                ImmutableList.copyOf(backends.keySet()),
                Policies.of(traffic));
        return new ServedService(spec, ImmutableMap.copyOf(backends));
    }
}
