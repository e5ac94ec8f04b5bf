package io.littlelb.core.plan;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.TrafficPolicy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The difference between what should be and what is, as steps in a safe order.
 *
 * <p>Listeners close before their address goes; addresses go before others come, except that one changes its prefix length by coming first; a listener opens only on an address that is
 * seen on the link; a status is written last. A step that must wait for another one's outcome is simply not in this plan: it
 * will be in a later one, when the outcome is seen.
 *
 * <p>Never planned: to change an address that is not ours, to remove one that somebody claims or that still has a
 * connection, to touch any while the link is not there to be looked at.
 *
 * <p>Remembers what the last plan was made of, for its own speed only: the plan is the one that any other planner would make. For one thread at a
 * time.
 */
public final class Planner {
    private final Unsettled<Frontend, FrontendConfig, FrontendStatus> frontends = new Unsettled<>(Planner::agree);
    private final Unsettled<InetAddress, Cidr, List<AddressStatus>> addresses = new Unsettled<>((wanted, present) ->
            wanted.filter(cidr -> isAbsent(cidr, present.orElse(List.of()))).isEmpty()
                    && unexpected(wanted, present.orElse(List.of())).isEmpty());
    private final Unsettled<ServiceKey, Published, Published> statuses =
            new Unsettled<>((wanted, said) -> unsaid(wanted, said).isEmpty());

    /** The steps from what is to {@code desired}; empty when nothing is to be done now. While it is not known what is asked for, nothing is. */
    public List<Step> plan(DesiredState desired, Inputs inputs) {
        if (!inputs.isKnown()) {
            return List.of();
        }
        ActualState actual = inputs.actual();
        SortedSet<Frontend> unsettled = new TreeSet<>(frontends.keys(desired.frontends(), actual.frontends()));
        Set<InetAddress> ips = addresses.keys(desired.addresses(), actual.addressesByIp());
        List<Step> steps = new ArrayList<>();
        removeFrontends(unsettled, desired, inputs, steps);
        if (isVisible(actual.link())) {
            removeAddresses(ips, desired, actual, steps);
            addAddresses(ips, desired, actual, steps);
        }
        setFrontends(unsettled, desired, actual, steps);
        writeStatuses(desired, actual, steps);
        return steps;
    }

    private static boolean agree(Optional<FrontendConfig> wanted, Optional<FrontendStatus> present) {
        boolean set = present.filter(FrontendStatus::isSet).isPresent();
        return set ? wanted.equals(present.map(FrontendStatus::config)) : wanted.isEmpty() && present.isEmpty();
    }

    private void removeFrontends(SortedSet<Frontend> unsettled, DesiredState desired, Inputs inputs, List<Step> steps) {
        Duration drain = inputs.settings().drainTimeout();
        for (Frontend frontend : unsettled) {
            FrontendStatus status = inputs.actual().frontends().get(frontend);
            boolean draining = status != null && status.state() == FrontendStatus.State.DRAINING;
            if (status != null
                    && !draining
                    && !isStillOf(
                            status, Optional.ofNullable(desired.frontends().get(frontend)))) {
                TrafficPolicy traffic = status.config().traffic();
                steps.add(
                        new Step.RemoveFrontend(frontend, traffic.drainTimeout().orElse(drain)));
            }
        }
    }

    /** A frontend that another Service gets is another one: what is established goes on as its own Service has it. */
    private static boolean isStillOf(FrontendStatus present, Optional<FrontendConfig> wanted) {
        return wanted.map(FrontendConfig::service)
                .filter(present.config().service()::equals)
                .isPresent();
    }

    private static void removeAddresses(
            Set<InetAddress> unsettled, DesiredState desired, ActualState actual, List<Step> steps) {
        SortedSet<Cidr> unexpected = new TreeSet<>();
        for (InetAddress ip : unsettled) {
            Optional<Cidr> wanted = Optional.ofNullable(desired.addresses().get(ip));
            unexpected.addAll(unexpected(wanted, actual.addressesByIp().getOrDefault(ip, List.of())));
        }
        if (unexpected.isEmpty()) {
            return;
        }
        Set<InetAddress> claimed = new HashSet<>(desired.claimed());
        claimed.addAll(AddressClaims.of(actual.frontends()));
        for (Cidr cidr : unexpected) {
            InetAddress ip = cidr.address();
            Optional<Cidr> wanted = Optional.ofNullable(desired.addresses().get(ip));
            boolean replaced = wanted.isPresent()
                    && isReplaced(wanted.get(), actual.addressesByIp().get(ip));
            if (replaced || !claimed.contains(ip)) {
                steps.add(new Step.RemoveAddress(cidr));
            }
        }
    }

    /** Entries of ours for an address that are not what is wanted of it. */
    private static List<Cidr> unexpected(Optional<Cidr> wanted, List<AddressStatus> present) {
        return present.stream()
                .filter(AddressStatus::owned)
                .map(AddressStatus::cidr)
                .filter(cidr -> wanted.filter(cidr::equals).isEmpty())
                .toList();
    }

    /** One of another prefix length goes once it is there at the wanted one: its connections do not find it gone. */
    private static boolean isReplaced(Cidr wanted, List<AddressStatus> present) {
        return present.stream()
                .anyMatch(address -> address.state() == AddressStatus.State.PRESENT
                        && (!address.owned() || address.cidr().equals(wanted)));
    }

    private static void addAddresses(
            Set<InetAddress> unsettled, DesiredState desired, ActualState actual, List<Step> steps) {
        SortedSet<Cidr> absent = new TreeSet<>();
        for (InetAddress ip : unsettled) {
            Cidr wanted = desired.addresses().get(ip);
            if (wanted != null && isAbsent(wanted, actual.addressesByIp().getOrDefault(ip, List.of()))) {
                absent.add(wanted);
            }
        }
        absent.forEach(cidr -> steps.add(new Step.AddAddress(cidr)));
    }

    private static boolean isAbsent(Cidr wanted, List<AddressStatus> present) {
        for (AddressStatus address : present) {
            boolean another = address.owned()
                    && (isToBeAskedForAgain(address) || !address.cidr().equals(wanted));
            if (!another) {
                return false;
            }
        }
        return true;
    }

    private static boolean isToBeAskedForAgain(AddressStatus address) {
        return address.state() == AddressStatus.State.FAILED
                || address.state() == AddressStatus.State.CONFLICT
                || address.state() == AddressStatus.State.REMOVED
                || address.state() == AddressStatus.State.ADOPTED;
    }

    private static void setFrontends(
            SortedSet<Frontend> unsettled, DesiredState desired, ActualState actual, List<Step> steps) {
        for (Frontend frontend : unsettled) {
            FrontendConfig wanted = desired.frontends().get(frontend);
            FrontendStatus status = actual.frontends().get(frontend);
            boolean set = status != null && status.isSet();
            if (wanted != null && (set || isPresent(frontend.ip(), actual))) {
                steps.add(new Step.SetFrontend(frontend, wanted));
            }
        }
    }

    private static boolean isPresent(InetAddress ip, ActualState actual) {
        return actual.address(ip)
                .filter(address -> address.state() == AddressStatus.State.PRESENT)
                .isPresent();
    }

    private void writeStatuses(DesiredState desired, ActualState actual, List<Step> steps) {
        for (ServiceKey key : new TreeSet<>(statuses.keys(desired.statuses(), actual.published()))) {
            Optional<Published> wanted = Optional.ofNullable(desired.statuses().get(key));
            Optional<Published> said = Optional.ofNullable(actual.published().get(key));
            unsaid(wanted, said).ifPresent(words -> steps.add(new Step.WriteStatus(key, words.uid(), words.status())));
        }
    }

    /** What is to be said on a Service that is not said yet; where nothing is wanted, what was said is taken back. */
    private static Optional<Published> unsaid(Optional<Published> wanted, Optional<Published> said) {
        ServiceStatus stands = said.map(Published::status).orElse(ServiceStatus.NONE);
        return wanted.or(() -> said.map(published -> new Published(published.uid(), stands.withdrawn())))
                .filter(words -> !words.status().equals(stands)
                        || (wanted.isPresent()
                                && said.filter(it -> !it.isComplete()).isPresent()));
    }

    private static boolean isVisible(Link link) {
        return link.state() == Link.State.UP || link.state() == Link.State.DOWN;
    }
}
