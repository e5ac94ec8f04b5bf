package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What there is to say of the addresses of one Service. */
final class AddressReport {
    private final ServiceView view;

    AddressReport(ServiceView view) {
        this.view = view;
    }

    /** Why it did not get what it asks for. */
    List<Problem> rejections() {
        return view.allocations().values().stream()
                .filter(Allocation.Rejected.class::isInstance)
                .map(rejected -> ((Allocation.Rejected) rejected).problem())
                .toList();
    }

    /** What it got, in words. */
    String allocated() {
        return view.allocations().values().stream()
                .flatMap(allocation -> allocation.ip().stream().map(ip -> Addresses.print(ip) + origin(allocation)))
                .collect(joining(", "));
    }

    private String origin(Allocation allocation) {
        return allocation instanceof Allocation.LinkAddress
                ? " (the address of link " + view.link().name() + ")"
                : "";
    }

    /** Why the link cannot carry what is allocated. */
    List<Problem> linkProblems() {
        return Stream.concat(
                        view.allocations().keySet().stream()
                                .filter(family -> !view.link().isReady(family))
                                .map(family -> "link " + view.link().name() + " cannot take " + family
                                        + " addresses now; what is allocated is kept until it can"),
                        view.allocated().stream().filter(this::lacksItsSubnet).map(this::subnetIsGone))
                .map(detail -> new Problem(Reason.LinkNotReady, detail))
                .toList();
    }

    /** Why nobody reaches what is here, though all of it is in order. */
    Optional<Problem> unreachable() {
        Link link = view.link();
        boolean here = link.state() == Link.State.UP && !view.allocated().isEmpty();
        return here && !link.carrier()
                ? Optional.of(new Problem(
                        Reason.LinkNotReady,
                        "link " + link.name()
                                + " has no carrier: no cable, or nobody at its other end, and no client on the"
                                + " network reaches what is on it"))
                : Optional.empty();
    }

    private boolean lacksItsSubnet(InetAddress ip) {
        return view.link().isReady(Family.of(ip)) && view.link().subnetOf(ip).isEmpty();
    }

    private String subnetIsGone(InetAddress ip) {
        Link link = view.link();
        return Addresses.print(ip) + " is in no subnet that link " + link.name() + " has now ("
                + link.subnets(Family.of(ip)).stream().map(Cidr::toString).collect(joining(", "))
                + "); it is kept for this Service until it is in one, or until another address is asked for";
    }

    /** What keeps its addresses off the link. */
    List<Problem> problems() {
        return view.allocated().stream().flatMap(ip -> problem(ip).stream()).toList();
    }

    /** What keeps an address off the link. */
    Optional<Problem> problem(InetAddress ip) {
        return view.actual()
                .address(ip)
                .flatMap(status -> reason(status.state())
                        .map(reason -> new Problem(reason, Addresses.print(ip) + ": " + status.detail())));
    }

    private static Optional<Reason> reason(AddressStatus.State state) {
        return switch (state) {
            case CONFLICT -> Optional.of(Reason.AddressConflict);
            case FAILED -> Optional.of(Reason.AddressFailed);
            case REMOVED -> Optional.of(Reason.AddressRemoved);
            case PENDING, TENTATIVE, ADOPTED, PRESENT -> Optional.empty();
        };
    }

    /** What is to be said of addresses that are there, and have not always been. */
    List<Problem> removals() {
        return view.allocated().stream()
                .flatMap(ip -> view.actual().address(ip).stream())
                .filter(status -> status.state() == AddressStatus.State.PRESENT
                        && !status.detail().isEmpty())
                .map(status -> new Problem(
                        Reason.AddressRemoved, Addresses.print(status.cidr().address()) + ": " + status.detail()))
                .toList();
    }

    boolean isPresent(InetAddress ip) {
        return view.actual()
                .address(ip)
                .filter(address -> address.state() == AddressStatus.State.PRESENT)
                .isPresent();
    }

    /** An address that has to appear, in words. */
    String missing(InetAddress ip) {
        return Addresses.print(ip) + " on link " + view.link().name();
    }
}
