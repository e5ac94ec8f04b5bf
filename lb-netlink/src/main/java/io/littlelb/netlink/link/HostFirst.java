package io.littlelb.netlink.link;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWADDR;
import static io.littlelb.netlink.wire.Netlink.NLM_F_CREATE;
import static io.littlelb.netlink.wire.Netlink.NLM_F_EXCL;

import com.google.common.collect.Lists;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import io.littlelb.netlink.wire.NetlinkConnection.Change;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Keeps IPv4 addresses of ours behind the host's own. For one thread at a time. */
final class HostFirst {
    /** While a single address moves: one that it does not have. */
    private static final int STAND_IN_LENGTH = 31;

    private final LinkLook look;
    private final OurAddresses form;
    private final AddressRequests requests;

    HostFirst(LinkLook look, OurAddresses form, AddressRequests requests) {
        this.look = look;
        this.form = form;
        this.requests = requests;
    }

    /**
     * IPv4 addresses of ours that stand before one of the host's. The kernel takes the first address of a link as the source wherever a route names
     * neither a source nor a gateway, and tells it to those who ask with SIOCGIFADDR, netdevice(7). And where ours has the length of the host's
     * subnet and is the first of it, the host's own is a secondary one, for which the kernel makes no route: the host is cut off.
     */
    List<AddressMessage> misplaced() {
        List<AddressMessage> ipv4 = look.all().stream()
                .filter(address -> address.cidr().family() == Family.IPV4 && address.isGlobal())
                .toList();
        Set<Cidr> hosts = new HashSet<>();
        boolean hostsFirst = false;
        Set<Cidr> cutOff = new HashSet<>();
        Set<AddressMessage> misplaced = new HashSet<>();
        for (AddressMessage address : Lists.reverse(ipv4)) {
            if (!form.mark().isOn(address)) {
                hostsFirst |= !address.isSecondary();
                hosts.add(address.cidr().subnet());
            } else if (!address.isSecondary() && (hostsFirst || sharesOne(address, hosts))) {
                misplaced.add(address);
                cutOff.add(address.cidr().subnet());
            }
        }
        if (misplaced.isEmpty()) {
            return List.of();
        }
        return ipv4.stream()
                .filter(address -> misplaced.contains(address)
                        || (form.mark().isOn(address) && sharesOne(address, cutOff))) // or it would be next
                .toList();
    }

    private static boolean sharesOne(AddressMessage address, Set<Cidr> subnets) {
        return address.canHaveSecondaries() && subnets.contains(address.cidr().subnet());
    }

    /**
     * Puts IPv4 addresses of ours, which stand before the host's, behind them. The kernel keeps the order in which they came, so they have to come
     * again; and a connection must not find its address gone meanwhile, so each stands there at another prefix length as well while it does.
     */
    Collection<IOException> putBehind(List<AddressMessage> ours) {
        List<AddressMessage> wide =
                ours.stream().filter(AddressMessage::canHaveSecondaries).toList();
        try {
            if (!wide.isEmpty()) {
                requests.promoteSecondaries();
            }
            List<Change> moves = new ArrayList<>(moves(wide, Family.IPV4.bits()));
            ours.stream()
                    .filter(each -> !each.canHaveSecondaries())
                    .forEach(each -> moves.addAll(moves(List.of(each), STAND_IN_LENGTH)));
            return requests.change(moves).stream()
                    .flatMap(Optional::stream)
                    .map(IOException.class::cast)
                    .toList();
        } catch (IOException e) {
            return List.of(e);
        }
    }

    /** The last go first: the first of a subnet then makes way for the host's, not for the next of ours. */
    private List<Change> moves(List<AddressMessage> ours, int lengthMeanwhile) {
        List<AddressMessage> again = ours.stream()
                .map(each -> form.toAdd(each.cidr(), each.linkIndex()))
                .toList();
        List<AddressMessage> meanwhile = again.stream()
                .map(each -> form.toAdd(new Cidr(each.cidr().address(), lengthMeanwhile), each.linkIndex()))
                .filter(each -> look.of(each.cidr().address()).stream()
                        .noneMatch(there -> there.cidr().equals(each.cidr())))
                .toList();
        int exclusively = NLM_F_CREATE | NLM_F_EXCL;
        String move = "move address %s of " + look.name() + " behind the host's own";
        return Stream.of(
                        meanwhile.stream().map(each -> AddressRequests.change(move, RTM_NEWADDR, exclusively, each)),
                        Lists.reverse(ours).stream().map(each -> AddressRequests.change(move, RTM_DELADDR, 0, each)),
                        again.stream().map(each -> AddressRequests.change(move, RTM_NEWADDR, exclusively, each)),
                        meanwhile.stream().map(each -> AddressRequests.change(move, RTM_DELADDR, 0, each)))
                .flatMap(each -> each)
                .toList();
    }
}
