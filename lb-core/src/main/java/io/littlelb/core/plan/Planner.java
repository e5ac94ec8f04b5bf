package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
        for (Frontend frontend : new TreeSet<>(actual.frontends().keySet())) {
            FrontendStatus status = actual.frontends().get(frontend);
            boolean draining = status.state() == FrontendStatus.State.DRAINING;
            if (!desired.frontends().containsKey(frontend) && !draining) {
                steps.add(new Step.RemoveFrontend(
                        frontend, status.config().traffic().drainTimeout().orElse(drain)));
            }
        }
    }

    private static void removeAddresses(DesiredState desired, ActualState actual, List<Step> steps) {
        if (!isVisible(actual.link())) {
            return;
        }
        Set<InetAddress> claimed = new HashSet<>(desired.claimed());
        claimed.addAll(AddressClaims.of(actual.frontends()).addresses());
        Set<InetAddress> wanted = new HashSet<>();
        desired.addresses().forEach(cidr -> wanted.add(cidr.address()));
        actual.addresses().stream()
                .filter(AddressStatus::owned)
                .map(AddressStatus::cidr)
                .filter(cidr -> !claimed.contains(cidr.address()) || isMisfit(cidr, wanted, desired))
                .sorted()
                .forEach(cidr -> steps.add(new Step.RemoveAddress(cidr)));
    }

    /** An address that is wanted, but with another prefix length: the subnet of the link has changed. */
    private static boolean isMisfit(Cidr cidr, Set<InetAddress> wanted, DesiredState desired) {
        return wanted.contains(cidr.address()) && !desired.addresses().contains(cidr);
    }

    private static void addAddresses(DesiredState desired, ActualState actual, List<Step> steps) {
        if (!isVisible(actual.link())) {
            return;
        }
        for (Cidr cidr : new TreeSet<>(desired.addresses())) {
            boolean absent = actual.addressesByIp().get(cidr.address()).stream()
                    .allMatch(present -> present.owned()
                            && (isToBeAskedForAgain(present) || !present.cidr().equals(cidr)));
            if (absent) {
                steps.add(new Step.AddAddress(cidr));
            }
        }
    }

    private static boolean isToBeAskedForAgain(AddressStatus address) {
        return address.state() == AddressStatus.State.FAILED
                || address.state() == AddressStatus.State.CONFLICT
                || address.state() == AddressStatus.State.ADOPTED;
    }

    private static void setFrontends(DesiredState desired, ActualState actual, List<Step> steps) {
        for (Frontend frontend : new TreeSet<>(desired.frontends().keySet())) {
            FrontendConfig config = desired.frontends().get(frontend);
            FrontendStatus status = actual.frontends().get(frontend);
            boolean set = status != null && status.isSet();
            boolean settled = set && status.config().equals(config);
            if (!settled && (set || isPresent(frontend.ip(), actual))) {
                steps.add(new Step.SetFrontend(frontend, config));
            }
        }
    }

    private static boolean isPresent(InetAddress ip, ActualState actual) {
        return actual.address(ip)
                .filter(address -> address.state() == AddressStatus.State.PRESENT)
                .isPresent();
    }

    private static void writeStatuses(DesiredState desired, ActualState actual, List<Step> steps) {
        Set<ServiceKey> keys = new TreeSet<>(desired.statuses().keySet());
        keys.addAll(actual.published().keySet());
        for (ServiceKey key : keys) {
            Published published = actual.published().get(key);
            ServiceStatus said = published == null ? ServiceStatus.NONE : published.status();
            Published wanted = desired.statuses().containsKey(key)
                    ? desired.statuses().get(key)
                    : new Published(published.uid(), said.withdrawn());
            if (!said.equals(wanted.status())) {
                steps.add(new Step.WriteStatus(key, wanted.uid(), wanted.status()));
            }
        }
    }

    private static boolean isVisible(Link link) {
        return link.state() == Link.State.UP || link.state() == Link.State.DOWN;
    }
}
