package io.littlelb.admin;

import static java.util.stream.Collectors.toCollection;

import io.littlelb.admin.view.AddressView;
import io.littlelb.admin.view.AddressesView;
import io.littlelb.admin.view.PoolView;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Makes {@link AddressesView}. */
final class AddressesMaker {
    private final Observation seen;
    private final Link link;
    private final ActualState actual;
    private final Map<InetAddress, Set<ServiceKey>> holders = new HashMap<>();

    private AddressesMaker(Observation seen, PassResult pass) {
        this.seen = seen;
        this.link = seen.instance().addresses().link();
        this.actual = new ActualState(link, seen.instance().addresses().addresses(), Map.of(), Map.of());
        pass.allocations()
                .byService()
                .forEach((service, families) -> families.values()
                        .forEach(allocation -> allocation
                                .ip()
                                .ifPresent(ip -> holders.computeIfAbsent(ip, none -> new TreeSet<>())
                                        .add(service))));
    }

    static AddressesView addresses(Observation seen) {
        return seen.pass()
                .map(pass -> new AddressesMaker(seen, pass).view())
                .orElse(new AddressesView(List.of(), List.of()));
    }

    /** In a word, how an address stands. */
    static String state(ActualState actual, InetAddress ip) {
        return actual.address(ip).map(status -> Shown.word(status.state())).orElse("absent");
    }

    private AddressesView view() {
        Set<InetAddress> all = Stream.of(
                        holders.keySet().stream(),
                        actual.addressesByIp().keySet().stream(),
                        link.hostAddresses().stream().map(Cidr::address))
                .flatMap(some -> some)
                .collect(toCollection(() -> new TreeSet<>(Addresses.ORDER)));
        return new AddressesView(
                all.stream().map(this::view).toList(),
                seen.instance().loadBalancer().settings().pools().stream()
                        .flatMap(pool -> Stream.of(Family.values()).flatMap(family -> pool(pool, family).stream()))
                        .toList());
    }

    private AddressView view(InetAddress ip) {
        Optional<AddressStatus> status = actual.address(ip);
        Optional<AddressHistory> history = Optional.ofNullable(seen.histories().get(ip));
        return new AddressView(
                Addresses.print(ip),
                link.name(),
                owner(ip, status),
                status.map(known -> Shown.word(known.state())).orElse(link.isHosts(ip) ? "present" : "absent"),
                Shown.escaped(status.map(AddressStatus::detail).orElse("")),
                holders.getOrDefault(ip, Set.of()).stream()
                        .map(ServiceKey::toString)
                        .toList(),
                history.map(known -> seen.secondsSince(known.since())),
                history.flatMap(AddressHistory::announcedAt).map(seen::secondsSince));
    }

    private String owner(InetAddress ip, Optional<AddressStatus> status) {
        if (status.filter(AddressStatus::owned).isPresent()) {
            return "ours";
        }
        boolean there = status.filter(known -> known.state() == AddressStatus.State.PRESENT)
                .isPresent();
        return link.isHosts(ip) || there ? "host" : "none";
    }

    private Optional<PoolView> pool(AddressPool pool, Family family) {
        List<AddressRange> ranges = pool.ranges(family);
        if (ranges.isEmpty()) {
            return Optional.empty();
        }
        BigInteger size = ranges.stream().map(AddressRange::size).reduce(BigInteger.ZERO, BigInteger::add);
        return Optional.of(new PoolView(
                pool.name(),
                Shown.escaped(family.toString()),
                pool.namespaces().stream().sorted().toList(),
                ranges.stream().map(AddressRange::toString).toList(),
                size.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue(),
                holders.keySet().stream()
                        .filter(ip -> ranges.stream().anyMatch(range -> range.contains(ip)))
                        .count()));
    }
}
