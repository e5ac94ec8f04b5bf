package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.TrafficPolicy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The difference between what should be and what is, as steps in a safe order.
 *
 * <p>Listeners close before their address goes; addresses go before others come; a listener opens only on an address that is
 * seen on the link; a status is written last. A step that must wait for another one's outcome is simply not in this plan: it
 * will be in a later one, when the outcome is seen.
 *
 * <p>Never planned: to change an address that is not ours, to remove one that somebody claims or that still has a
 * connection, to touch any while the link is not there to be looked at.
 */
public final class Planner {
    private final Duration drain;

    /** @param drain how long established connections may go on after their frontend is gone, if their Service does not say */
    public Planner(Duration drain) {
        this.drain = requireNonNull(drain, "drain");
    }

    /** The steps from {@code actual} to {@code desired}; empty when nothing is to be done now. */
    public List<Step> plan(DesiredState desired, ActualState actual) {
        List<Step> steps = new ArrayList<>();
        removeFrontends(desired, actual, steps);
        removeAddresses(desired, actual, steps);
        addAddresses(desired, actual, steps);
        setFrontends(desired, actual, steps);
        writeStatuses(desired, actual, steps);
        return steps;
    }

    private void removeFrontends(DesiredState desired, ActualState actual, List<Step> steps) {
        Set<Frontend> unwanted = new TreeSet<>();
        actual.frontends().forEach((frontend, status) -> {
            boolean draining = status.state() == FrontendStatus.State.DRAINING;
            if (!draining && !desired.frontends().containsKey(frontend)) {
                unwanted.add(frontend);
            }
        });
        for (Frontend frontend : unwanted) {
            TrafficPolicy traffic = actual.frontends().get(frontend).config().traffic();
            steps.add(new Step.RemoveFrontend(frontend, traffic.drainTimeout().orElse(drain)));
        }
    }

    private static void removeAddresses(DesiredState desired, ActualState actual, List<Step> steps) {
        if (!isVisible(actual.link())) {
            return;
        }
        List<Cidr> unexpected = actual.addresses()
                .filter(AddressStatus::owned)
                .map(AddressStatus::cidr)
                .filter(cidr -> !desired.addresses().contains(cidr))
                .sorted()
                .toList();
        if (unexpected.isEmpty()) {
            return;
        }
        Set<InetAddress> claimed = new HashSet<>(desired.claimed());
        claimed.addAll(AddressClaims.of(actual.frontends()));
        Set<InetAddress> wanted =
                desired.addresses().stream().map(Cidr::address).collect(toSet());
        for (Cidr cidr : unexpected) {
            boolean misfit = wanted.contains(
                    cidr.address()); // the subnet of the link has changed, and with it the prefix length
            if (misfit || !claimed.contains(cidr.address())) {
                steps.add(new Step.RemoveAddress(cidr));
            }
        }
    }

    private static void addAddresses(DesiredState desired, ActualState actual, List<Step> steps) {
        if (!isVisible(actual.link())) {
            return;
        }
        Set<Cidr> absent = new TreeSet<>();
        for (Cidr cidr : desired.addresses()) {
            if (isAbsent(cidr, actual)) {
                absent.add(cidr);
            }
        }
        absent.forEach(cidr -> steps.add(new Step.AddAddress(cidr)));
    }

    private static boolean isAbsent(Cidr cidr, ActualState actual) {
        for (AddressStatus present : actual.addressesByIp().getOrDefault(cidr.address(), List.of())) {
            boolean another = present.owned()
                    && (isToBeAskedForAgain(present) || !present.cidr().equals(cidr));
            if (!another) {
                return false;
            }
        }
        return true;
    }

    private static boolean isToBeAskedForAgain(AddressStatus address) {
        return address.state() == AddressStatus.State.FAILED
                || address.state() == AddressStatus.State.CONFLICT
                || address.state() == AddressStatus.State.ADOPTED;
    }

    private static void setFrontends(DesiredState desired, ActualState actual, List<Step> steps) {
        Set<Frontend> unsettled = new TreeSet<>();
        desired.frontends().forEach((frontend, config) -> {
            FrontendStatus status = actual.frontends().get(frontend);
            boolean set = status != null && status.isSet();
            boolean settled = set && status.config().equals(config);
            if (!settled && (set || isPresent(frontend.ip(), actual))) {
                unsettled.add(frontend);
            }
        });
        unsettled.forEach(frontend ->
                steps.add(new Step.SetFrontend(frontend, desired.frontends().get(frontend))));
    }

    private static boolean isPresent(InetAddress ip, ActualState actual) {
        return actual.address(ip)
                .filter(address -> address.state() == AddressStatus.State.PRESENT)
                .isPresent();
    }

    private static void writeStatuses(DesiredState desired, ActualState actual, List<Step> steps) {
        SortedMap<ServiceKey, Published> unsaid = new TreeMap<>();
        desired.statuses().forEach((key, wanted) -> {
            Published published = actual.published().get(key);
            ServiceStatus said = published == null ? ServiceStatus.NONE : published.status();
            if (!said.equals(wanted.status())) {
                unsaid.put(key, wanted);
            }
        });
        actual.published().forEach((key, published) -> {
            if (desired.statuses().containsKey(key)) {
                return;
            }
            ServiceStatus withdrawn = published.status().withdrawn();
            if (!published.status().equals(withdrawn)) {
                unsaid.put(key, new Published(published.uid(), withdrawn));
            }
        });
        unsaid.forEach((key, wanted) -> steps.add(new Step.WriteStatus(key, wanted.uid(), wanted.status())));
    }

    private static boolean isVisible(Link link) {
        return link.state() == Link.State.UP || link.state() == Link.State.DOWN;
    }
}
