package io.littlelb.core.plan;

import static io.littlelb.core.model.PersistentMap.differences;
import static java.util.stream.Collectors.toSet;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.collect.SetMultimap;
import com.google.common.collect.Sets;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Turns what Services were allocated into what should be on the network and on the Services.
 *
 * <p>Remembers what it was told last and what it said, for its own speed only: a Service of which nothing has changed is not looked at again, and the
 * same is said of it. For one thread at a time.
 */
public final class Desire {
    private final PublishPolicy policy;
    private final FrontendIndex own = new FrontendIndex();
    private final Map<ServiceKey, Said> said = new HashMap<>();
    /** Of each address and each frontend, the Services whose status tells of it. */
    private final SetMultimap<Object, ServiceKey> tellers = HashMultimap.create(16, 1);

    private Optional<Question> before = Optional.empty();
    private DesiredState desired = DesiredState.EMPTY;

    /** @param policy where addresses are told */
    public Desire(PublishPolicy policy) {
        this.policy = policy;
    }

    /** All that the answer depends on. */
    private record Question(Serving serving, Publish publish) {
        ClusterSnapshot cluster() {
            return serving.inputs().cluster();
        }

        ActualState actual() {
            return serving.inputs().actual();
        }

        /** Whether what concerns every Service is the same. */
        boolean isLike(Question other) {
            return publish.equals(other.publish)
                    && serving.placement().equals(other.serving.placement())
                    && serving.boundaries().equals(other.serving.boundaries())
                    && serving.inputs()
                            .protocols()
                            .equals(other.serving.inputs().protocols())
                    && actual().link().equals(other.actual().link());
        }

        Set<ServiceKey> services() {
            return Sets.union(
                    cluster().services().keySet(), cluster().published().keySet());
        }

        /** The Services of which there may be something else to say than there was by an earlier question like this one. */
        Set<ServiceKey> changesSince(Question then, SetMultimap<Object, ServiceKey> tellers) {
            Set<ServiceKey> changes = new HashSet<>();
            changes.addAll(differences(cluster().services(), then.cluster().services()));
            changes.addAll(differences(cluster().backends(), then.cluster().backends()));
            changes.addAll(differences(cluster().published(), then.cluster().published()));
            changes.addAll(differences(
                    serving.allocations().byService(),
                    then.serving.allocations().byService()));
            changes.addAll(Sets.symmetricDifference(
                    serving.inputs().orders().drained(),
                    then.serving.inputs().orders().drained()));
            differences(actual().addressesByIp(), then.actual().addressesByIp())
                    .forEach(ip -> changes.addAll(tellers.get(ip)));
            differences(actual().frontends(), then.actual().frontends())
                    .forEach(frontend -> changes.addAll(tellers.get(frontend)));
            return changes;
        }
    }

    /**
     * What was said of one Service.
     *
     * @param toldOf the addresses and frontends that the status tells of
     */
    private record Said(Optional<Published> status, Map<Frontend, FrontendConfig> frontends, Set<Object> toldOf) {
        static final Said NOTHING = new Said(Optional.empty(), Map.of(), Set.of());
    }

    /** What should be; of the actual state only the statuses depend, since they tell what is seen and not what is hoped. */
    public DesiredState of(Inputs inputs, Allocations allocations, Placement placement) {
        Serving serving = new Serving(inputs, allocations, placement);
        Question now = new Question(serving, policy.of(inputs.cluster()));
        Optional<Question> like = before.filter(now::isLike);
        Set<ServiceKey> changes = like.map(then -> now.changesSince(then, tellers))
                .orElseGet(() -> Sets.union(said.keySet(), now.services()).immutableCopy());
        changes = Sets.union(changes, leadingTo(listen(changes, now), now)).immutableCopy();
        changes = Sets.union(
                        changes,
                        like.map(then -> leadingToMovedAddresses(then, now)).orElse(Set.of()))
                .immutableCopy();
        Map<ServiceKey, Said> words = Maps.toMap(changes, key -> say(key, now)); // all, before any is remembered
        Set<Frontend> closed = new HashSet<>();
        Map<Frontend, FrontendConfig> open = new HashMap<>();
        Map<ServiceKey, Published> statuses = new HashMap<>();
        words.forEach((key, word) -> {
            closed.addAll(replace(key, word).frontends().keySet());
            open.putAll(word.frontends());
            word.status().ifPresent(status -> statuses.put(key, status));
        });
        boolean sameAddresses = like.filter(then -> then.serving.allocations().equals(allocations))
                .isPresent();
        desired = new DesiredState(
                sameAddresses ? desired.claimed() : AddressClaims.of(allocations, placement),
                sameAddresses
                        ? desired.addresses()
                        : addresses(allocations, placement, inputs.actual().link()),
                PersistentMap.copyOf(desired.frontends()).with(open, closed),
                PersistentMap.copyOf(desired.statuses()).with(statuses, changes));
        before = Optional.of(now);
        return desired;
    }

    /** Takes in on which frontends these Services are to be; returns those frontends that come or go by it. */
    private FrontendIndex listen(Set<ServiceKey> services, Question now) {
        Set<Frontend> before = new HashSet<>();
        Set<Frontend> after = new HashSet<>();
        for (ServiceKey key : services) {
            before.addAll(said.getOrDefault(key, Said.NOTHING).frontends().keySet());
            Optional.ofNullable(now.cluster().services().get(key))
                    .ifPresent(service ->
                            after.addAll(now.serving.frontends(service).keySet()));
        }
        own.removeAll(before);
        own.addAll(after);
        FrontendIndex moved = new FrontendIndex();
        moved.addAll(Sets.symmetricDifference(before, after));
        return moved;
    }

    /** The Services of which a backend is one of these frontends. */
    private static Set<ServiceKey> leadingTo(FrontendIndex frontends, Question now) {
        if (frontends.isEmpty()) {
            return Set.of();
        }
        return now.cluster().backends().entrySet().stream()
                .filter(service -> service.getValue().values().stream()
                        .anyMatch(port -> frontends.hasAnyOf(port.ipv4()) || frontends.hasAnyOf(port.ipv6())))
                .map(Map.Entry::getKey)
                .collect(toSet());
    }

    /** Keeps what is said of a Service, and returns what was said before. */
    private Said replace(ServiceKey key, Said word) {
        Said last = said.getOrDefault(key, Said.NOTHING);
        if (word.equals(Said.NOTHING)) {
            said.remove(key);
        } else {
            said.put(key, word);
        }
        last.toldOf().forEach(each -> tellers.remove(each, key));
        word.toldOf().forEach(each -> tellers.put(each, key));
        return last;
    }

    private Said say(ServiceKey key, Question now) {
        ServiceSpec service = now.cluster().services().get(key);
        if (service == null) {
            return Optional.ofNullable(now.cluster().published().get(key))
                    .map(Desire::takenBack)
                    .orElse(Said.NOTHING);
        }
        Map<Frontend, Dialable> dialable = now.serving.dialable(service, own);
        return new Said(
                status(service, dialable, now),
                Map.copyOf(Maps.transformValues(dialable, allowed -> config(service, allowed, now))),
                toldOf(service, now.serving.allocations().of(key)));
    }

    /** Without backends, the kernel refuses clients. */
    private static FrontendConfig config(ServiceSpec service, Dialable allowed, Question now) {
        boolean drained = now.serving.inputs().orders().drained().contains(service.key());
        return new FrontendConfig(
                service.key(),
                drained ? Backends.none() : allowed.backends(),
                service.policies().traffic());
    }

    /** Of a Service that another instance serves in part, that one speaks: what stands there stays as it is. */
    private static Optional<Published> status(ServiceSpec service, Map<Frontend, Dialable> dialable, Question now) {
        if (!now.serving.isWhollyHere(service.key())) {
            return Optional.ofNullable(now.cluster().published().get(service.key()));
        }
        StatusReport report = new StatusReport(now.serving.view(service, dialable));
        return Optional.of(new Published(service.uid(), report.status(now.publish)));
    }

    /** The Services of which a backend has an address that has come to this host, or has gone. */
    private Set<ServiceKey> leadingToMovedAddresses(Question then, Question now) {
        Set<InetAddress> before = then.actual().addressesByIp().keySet();
        Set<InetAddress> after = now.actual().addressesByIp().keySet();
        Set<InetAddress> moved = differences(
                        now.actual().addressesByIp(), then.actual().addressesByIp())
                .stream()
                .filter(ip -> before.contains(ip) != after.contains(ip))
                .collect(toSet());
        if (moved.isEmpty() || !now.serving.boundaries().foreignBackends()) {
            return Set.of();
        }
        return now.cluster().backends().entrySet().stream()
                .filter(service -> service.getValue().values().stream()
                        .anyMatch(port -> isAtAny(port.ipv4(), moved) || isAtAny(port.ipv6(), moved)))
                .map(Map.Entry::getKey)
                .collect(toSet());
    }

    private static boolean isAtAny(Backends backends, Set<InetAddress> ips) {
        return IntStream.range(0, backends.size())
                .anyMatch(i -> ips.contains(backends.at(i).ip()));
    }

    /** We have said something on a Service that we do not serve. */
    private static Said takenBack(Published published) {
        return new Said(Optional.of(new Published(published.uid(), ServiceStatus.NONE)), Map.of(), Set.of());
    }

    private static Set<Object> toldOf(ServiceSpec service, ImmutableMap<Family, Allocation> allocated) {
        Set<Object> toldOf = new HashSet<>();
        for (Allocation allocation : allocated.values()) {
            allocation.ip().ifPresent(ip -> {
                toldOf.add(ip);
                service.ports().forEach(port -> toldOf.add(new Frontend(ip, port.port(), port.protocol())));
            });
        }
        return toldOf;
    }

    /**
     * The allocated addresses that the link can take now; the link's own is there already. Each is a subnet of its own: one with the length of the
     * host's subnet can come to stand before the host's own address, which then has no route any more (docs/decisions/0007).
     */
    private static Map<InetAddress, Cidr> addresses(Allocations allocations, Placement placement, Link link) {
        Map<InetAddress, Cidr> addresses = new HashMap<>();
        Subnets subnets = new Subnets(link);
        allocations
                .byService()
                .values()
                .forEach(families -> families.forEach((family, allocation) -> {
                    boolean ours = !(allocation instanceof Allocation.LinkAddress);
                    Optional<InetAddress> here = allocation.ip().filter(placement::isHere);
                    if (ours && link.isReady(family) && here.isPresent()) {
                        InetAddress ip = here.get();
                        subnets.of(ip).ifPresent(subnet -> addresses.put(ip, new Cidr(ip, family.bits())));
                    }
                }));
        return addresses;
    }
}
