package io.littlelb.netlink;

import static io.littlelb.netlink.Rtnetlink.NLM_F_CREATE;
import static io.littlelb.netlink.Rtnetlink.NLM_F_EXCL;
import static io.littlelb.netlink.Rtnetlink.NLM_F_REPLACE;
import static io.littlelb.netlink.Rtnetlink.RTM_DELADDR;
import static io.littlelb.netlink.Rtnetlink.RTM_NEWADDR;
import static io.littlelb.netlink.Rtnetlink.RTM_NEWLINK;

import com.google.common.collect.Lists;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.linux.Errno;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the addresses of one link, by the rules that keep other people's safe. It goes by the last look, which must be a moment old at most. Used by
 * one thread at a time: {@code lb-link}, or a test's.
 */
final class LinkChanges {
    private static final Logger log = LoggerFactory.getLogger(LinkChanges.class);

    /** While a single address moves: one that it does not have. */
    private static final int STAND_IN_LENGTH = 31;

    private final LinkLook look;
    private final OwnershipMark mark;
    private final Optional<Duration> lifetime;
    private final NetlinkConnection kernel;

    /** @param lifetime how long an address lasts that is not renewed; empty means for ever */
    LinkChanges(LinkLook look, OwnershipMark mark, Optional<Duration> lifetime, NetlinkConnection kernel) {
        this.look = look;
        this.mark = mark;
        this.lifetime = lifetime;
        this.kernel = kernel;
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
                    promoteSecondaries(); // or it goes with the host's
                }
                each.ifPresent(missing::add);
            } catch (IOException e) {
                failures.put(cidr, e);
            }
        }
        change("add address %s to " + look.name(), RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, missing)
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
        if (!mark.canMark(cidr.family())) {
            throw new IOException("add address " + cidr
                    + ": this kernel cannot mark an IPv6 address as ours (5.18 and later can), and without a mark it"
                    + " could never be told from the host's");
        }
        for (AddressMessage there : look.of(cidr.address())) {
            boolean ours = mark.isOn(there);
            if (ours && there.isDuplicate()) {
                delete(List.of(there)); // it would stay unusable for ever; added anew, it is tried anew
            } else if (ours && cidr.family() == Family.IPV6 && !there.cidr().equals(cidr)) {
                changeLength(there, cidr);
                return Optional.empty();
            } else if (!ours || there.cidr().equals(cidr)) {
                return Optional.empty();
            }
        }
        return Optional.of(toAdd(cidr, index));
    }

    /**
     * The kernel has an IPv6 address at one prefix length only, and never changes it. In one message to the kernel it goes and comes again, which no
     * connection notices; and without duplicate address detection, for it has been ours all the time.
     */
    private void changeLength(AddressMessage there, Cidr cidr) throws IOException {
        String operation = "change address " + there.cidr() + " of " + look.name() + " to %s";
        AddressMessage again = toAdd(cidr, there.linkIndex()).withoutDetection();
        List<Optional<NetlinkException>> refusals = kernel.change(List.of(
                change(operation, RTM_DELADDR, 0, there),
                change(operation, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, again)));
        Optional<NetlinkException> refusal =
                refusals.stream().flatMap(Optional::stream).findFirst();
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    private AddressMessage toAdd(Cidr cidr, int index) {
        return AddressMessage.toAdd(cidr, index, mark, validSeconds());
    }

    /**
     * Has the kernel change many addresses.
     *
     * @param operation what is tried, with {@code %s} for the address
     * @return what went wrong with which
     */
    private Map<AddressMessage, IOException> change(
            String operation, int type, int flags, List<AddressMessage> changed) {
        List<NetlinkConnection.Change> changes = changed.stream()
                .map(address -> change(operation, type, flags, address))
                .toList();
        Map<AddressMessage, IOException> refused = new LinkedHashMap<>();
        try {
            List<Optional<NetlinkException>> refusals = kernel.change(changes);
            for (int i = 0; i < changed.size(); i++) {
                AddressMessage address = changed.get(i);
                refusals.get(i).ifPresent(refusal -> refused.put(address, refusal));
            }
        } catch (IOException e) {
            changed.forEach(address -> refused.put(address, e));
        }
        return refused;
    }

    private static NetlinkConnection.Change change(String operation, int type, int flags, AddressMessage address) {
        return new NetlinkConnection.Change(String.format(operation, address.cidr()), type, flags, address::writeTo);
    }

    private int validSeconds() {
        return lifetime.map(Duration::toSeconds).map(Math::toIntExact).orElse(AddressMessage.FOREVER);
    }

    /**
     * Gives addresses of ours their whole lifetime again, as soon as a third of it is over. Only what the look just before has shown
     * with our mark: to replace any other would make it ours, and one that has run out may be another host's by now.
     */
    Collection<IOException> renew() {
        List<AddressMessage> due = look.ours().stream()
                .filter(this::isDue)
                .map(there -> toAdd(there.cidr(), there.linkIndex()))
                .toList();
        return change("renew address %s of " + look.name(), RTM_NEWADDR, NLM_F_REPLACE, due)
                .values();
    }

    private boolean isDue(AddressMessage there) {
        boolean forever = there.validSeconds() == AddressMessage.FOREVER;
        return lifetime.isEmpty()
                ? !forever
                : forever || Integer.toUnsignedLong(there.validSeconds()) * 3 <= validSeconds() * 2L;
    }

    /**
     * Puts IPv4 addresses of ours, which stand before the host's, behind them. The kernel keeps the order in which they came, so they have to come
     * again; and a connection must not find its address gone meanwhile, so each stands there at another prefix length as well while it does.
     */
    Collection<IOException> putBehindTheHosts(List<AddressMessage> ours) {
        List<AddressMessage> wide =
                ours.stream().filter(AddressMessage::canHaveSecondaries).toList();
        try {
            if (!wide.isEmpty()) {
                promoteSecondaries();
            }
            List<NetlinkConnection.Change> moves = new ArrayList<>(moves(wide, Family.IPV4.bits()));
            ours.stream()
                    .filter(each -> !each.canHaveSecondaries())
                    .forEach(each -> moves.addAll(moves(List.of(each), STAND_IN_LENGTH)));
            return kernel.change(moves).stream()
                    .flatMap(Optional::stream)
                    .map(IOException.class::cast)
                    .toList();
        } catch (IOException e) {
            return List.of(e);
        }
    }

    /** The last go first: the first of a subnet then makes way for the host's, not for the next of ours. */
    private List<NetlinkConnection.Change> moves(List<AddressMessage> ours, int lengthMeanwhile) {
        List<AddressMessage> again =
                ours.stream().map(each -> toAdd(each.cidr(), each.linkIndex())).toList();
        List<AddressMessage> meanwhile = again.stream()
                .map(each -> toAdd(new Cidr(each.cidr().address(), lengthMeanwhile), each.linkIndex()))
                .filter(each -> look.of(each.cidr().address()).stream()
                        .noneMatch(there -> there.cidr().equals(each.cidr())))
                .toList();
        int exclusively = NLM_F_CREATE | NLM_F_EXCL;
        String move = "move address %s of " + look.name() + " behind the host's own";
        return Stream.of(
                        meanwhile.stream().map(each -> change(move, RTM_NEWADDR, exclusively, each)),
                        Lists.reverse(ours).stream().map(each -> change(move, RTM_DELADDR, 0, each)),
                        again.stream().map(each -> change(move, RTM_NEWADDR, exclusively, each)),
                        meanwhile.stream().map(each -> change(move, RTM_DELADDR, 0, each)))
                .flatMap(each -> each)
                .toList();
    }

    /** Removes addresses that are ours; leaves those that are not there, or not ours. Returns what went wrong with which. */
    Map<Cidr, IOException> remove(List<Cidr> cidrs) throws IOException {
        presentIndex("remove addresses");
        List<AddressMessage> ours = new ArrayList<>();
        for (Cidr cidr : cidrs) {
            look.of(cidr.address()).stream()
                    .filter(there -> there.cidr().equals(cidr) && mark.isOn(there))
                    .forEach(ours::add);
        }
        if (ours.stream().anyMatch(LinkChanges::mayHaveSecondaries)) {
            promoteSecondaries();
        }
        Map<Cidr, IOException> failures = new LinkedHashMap<>();
        delete(ours).forEach((address, failure) -> failures.put(address.cidr(), failure));
        return failures;
    }

    private Map<AddressMessage, IOException> delete(List<AddressMessage> doomed) {
        return change("remove address %s from " + look.name(), RTM_DELADDR, 0, doomed);
    }

    /** One that is the first of its subnet, before the host's: it has the subnet's length, as an earlier version gave it. */
    private static boolean mayHaveSecondaries(AddressMessage there) {
        return there.canHaveSecondaries() && !there.isSecondary();
    }

    /**
     * Has the kernel make the next IPv4 address of a subnet its first one when the first goes; by default it removes them all. The same setting as
     * {@code net.ipv4.conf.LINK.promote_secondaries}, but over netlink: in a container the file is read-only.
     */
    private void promoteSecondaries() throws IOException {
        Optional<LinkMessage> link = look.find(); // nobody tells when it is unset
        if (link.isPresent() && !link.get().promotesSecondaries()) {
            kernel.change(new NetlinkConnection.Change(
                    "set promote_secondaries of " + look.name(),
                    RTM_NEWLINK,
                    0,
                    request -> LinkMessage.writePromoteSecondaries(
                            request, link.get().index())));
        }
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
