package io.littlelb.netlink.link;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWADDR;
import static io.littlelb.netlink.wire.Netlink.NLM_F_CREATE;
import static io.littlelb.netlink.wire.Netlink.NLM_F_EXCL;
import static io.littlelb.netlink.wire.Netlink.NLM_F_REPLACE;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.linux.Errno;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import io.littlelb.netlink.wire.NetlinkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the addresses of one link, by the rules that keep other people's safe. It goes by the last look, which must be a moment old at most. Used by
 * one thread at a time: {@code lb-link}, or a test's.
 */
final class LinkChanges {
    private static final Logger log = LoggerFactory.getLogger(LinkChanges.class);

    private final LinkLook look;
    private final OurAddresses form;
    private final AddressRequests requests;

    LinkChanges(LinkLook look, OurAddresses form, AddressRequests requests) {
        this.look = look;
        this.form = form;
        this.requests = requests;
    }

    /**
     * Adds addresses, or leaves those that are there. {@code NLM_F_EXCL} makes the kernel refuse rather than change one that
     * somebody else added since we looked.
     *
     * @return what went wrong with which; it keeps none of the others from being added
     */
    Map<Cidr, IOException> add(List<Cidr> cidrs) {
        Map<Cidr, IOException> failures = new LinkedHashMap<>();
        List<AddressMessage> missing = new ArrayList<>();
        for (Cidr cidr : cidrs) {
            try {
                Optional<AddressMessage> each = missing(cidr);
                if (each.filter(AddressMessage::canHaveSecondaries).isPresent() && missing.isEmpty()) {
                    requests.promoteSecondaries(); // or it goes with the host's
                }
                each.ifPresent(missing::add);
            } catch (IOException e) {
                failures.put(cidr, e);
            }
        }
        requests.change("add address %s to " + look.name(), RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, missing)
                .forEach((address, refusal) -> {
                    if (refusal instanceof NetlinkException netlink && netlink.errno() == Errno.EEXIST) {
                        log.debug("{} is on {} already", address.cidr(), look.name()); // the next look says whose it is
                    } else {
                        failures.put(address.cidr(), refusal);
                    }
                });
        return failures;
    }

    /** What is to be added so that an address is on the link; empty when it is there, whoever put it there. */
    private Optional<AddressMessage> missing(Cidr cidr) throws IOException {
        int index = presentIndex("add address " + cidr);
        if (!form.mark().canMark(cidr.family())) {
            throw new IOException("add address " + cidr
                    + ": this kernel cannot mark an IPv6 address as ours (5.18 and later can), and without a mark it"
                    + " could never be told from the host's");
        }
        for (AddressMessage there : look.of(cidr.address())) {
            boolean ours = form.mark().isOn(there);
            if (ours && there.isDuplicate()) {
                requests.remove(List.of(there)); // it would stay unusable for ever; added anew, it is tried anew
            } else if (ours && cidr.family() == Family.IPV6 && !there.cidr().equals(cidr)) {
                changeLength(there, cidr);
                return Optional.empty();
            } else if (!ours || there.cidr().equals(cidr)) {
                return Optional.empty();
            }
        }
        return Optional.of(form.toAdd(cidr, index));
    }

    /**
     * The kernel has an IPv6 address at one prefix length only, and never changes it. In one message to the kernel it goes and comes again, which no
     * connection notices; and without duplicate address detection, for it has been ours all the time.
     */
    private void changeLength(AddressMessage there, Cidr cidr) throws IOException {
        String operation = "change address " + there.cidr() + " of " + look.name() + " to %s";
        AddressMessage again = form.toAdd(cidr, there.linkIndex()).withoutDetection();
        List<Optional<NetlinkException>> refusals = requests.change(List.of(
                AddressRequests.change(operation, RTM_DELADDR, 0, there),
                AddressRequests.change(operation, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, again)));
        Optional<NetlinkException> refusal =
                refusals.stream().flatMap(Optional::stream).findFirst();
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /**
     * Gives addresses of ours their whole lifetime again, as soon as a third of it is over. Only what the look just before has shown
     * with our mark: to replace any other would make it ours, and one that has run out may be another host's by now.
     */
    Collection<IOException> renew() {
        List<AddressMessage> due = look.ours().stream()
                .filter(form::isDueForRenewal)
                .map(there -> form.toAdd(there.cidr(), there.linkIndex()))
                .toList();
        return requests.change("renew address %s of " + look.name(), RTM_NEWADDR, NLM_F_REPLACE, due)
                .values();
    }

    /** Removes addresses that are ours; leaves those that are not there, or not ours. Returns what went wrong with which. */
    Map<Cidr, IOException> remove(List<Cidr> cidrs) throws IOException {
        presentIndex("remove addresses");
        List<AddressMessage> ours = new ArrayList<>();
        for (Cidr cidr : cidrs) {
            look.of(cidr.address()).stream()
                    .filter(there -> there.cidr().equals(cidr) && form.mark().isOn(there))
                    .forEach(ours::add);
        }
        if (ours.stream().anyMatch(LinkChanges::mayHaveSecondaries)) {
            requests.promoteSecondaries();
        }
        Map<Cidr, IOException> failures = new LinkedHashMap<>();
        requests.remove(ours).forEach((address, failure) -> failures.put(address.cidr(), failure));
        return failures;
    }

    /** One that is the first of its subnet, before the host's: it has the subnet's length, as an earlier version gave it. */
    private static boolean mayHaveSecondaries(AddressMessage there) {
        return there.canHaveSecondaries() && !there.isSecondary();
    }

    private int presentIndex(String operation) throws IOException {
        Link link = look.link();
        switch (link.state()) {
            case MISSING -> throw new IOException(operation + ": there is no link " + look.name());
            case UNKNOWN ->
                throw new IOException(operation + ": the state of link " + look.name() + " cannot be told now");
            case UP, DOWN -> {}
        }
        return link.index();
    }
}
