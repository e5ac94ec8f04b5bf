package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Reason;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What to do about a refusal, where its own words, which are those of Events and conditions, do not say so. */
final class Remedies {
    private final List<Allocator.Offer> offers;

    /** @param offers what the Service could ask for instead */
    Remedies(List<Allocator.Offer> offers) {
        this.offers = List.copyOf(offers);
    }

    /** These, and after the last one of each kind that refuses, once, what to do about it. */
    List<Finding> added(List<Finding> findings) {
        List<Finding> all = new ArrayList<>();
        for (int i = 0; i < findings.size(); i++) {
            Finding finding = findings.get(i);
            all.add(finding);
            boolean last =
                    findings.subList(i + 1, findings.size()).stream().noneMatch(later -> isAlike(later, finding));
            if (last && finding.answer() == Answer.REFUSED) {
                finding.reason()
                        .flatMap(reason -> of(reason, finding.topic()))
                        .ifPresent(text -> all.add(Finding.remark(finding.topic(), text)));
            }
        }
        return all;
    }

    private static boolean isAlike(Finding one, Finding other) {
        return one.topic() == other.topic()
                && one.answer() == other.answer()
                && one.reason().equals(other.reason());
    }

    private Optional<String> of(Reason reason, Topic topic) {
        if (topic == Topic.REQUEST) {
            return Optional.empty(); // what is asked for wrongly is told with what may be asked for
        }
        return switch (reason) {
            case InvalidAddress, AddressIsNode -> Optional.of("ask for another address" + offered());
            case AddressNotInSubnet -> Optional.of("ask for an address of one of the subnets of the link" + offered());
            case AddressInUse ->
                Optional.of(
                        "to share it, give both Services one littlelb.io/allow-shared-ip, in one namespace and without"
                                + " a common port; or ask for another address" + offered());
            case PortInUse -> Optional.of("use another port, or ask for another address" + offered());
            case NotFromPool ->
                offers.isEmpty()
                        ? Optional.empty()
                        : Optional.of("ask for an address of a pool, or for none in particular" + offered());
            case NoAddressOfFamily ->
                Optional.of(
                        "set ipFamilies to the other family, or have whoever runs Little LB give addresses of this one"
                                + " to the link, and to a pool where there are pools");
            case AddressConflict ->
                Optional.of("ip neighbour on another host of the network, or the switch, shows where that one is");
            case BindFailed ->
                Optional.of(
                        "ss -lntup on this host shows who listens on which port; the port is tried again meanwhile");
            case BackendsUnavailable ->
                Optional.of("silence is mostly a firewall or a missing route between this host and the backend,"
                        + " ECONNREFUSED a port on which nobody listens; nc -vz ADDRESS PORT, on this host, tries it");
            default -> Optional.empty();
        };
    }

    private String offered() {
        return offers.isEmpty()
                ? ""
                : ": " + offers.stream().map(Allocator.Offer::toString).collect(joining(" and "));
    }
}
