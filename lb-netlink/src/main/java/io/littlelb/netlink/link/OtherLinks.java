package io.littlelb.netlink.link;

import static java.util.stream.Collectors.toSet;

import io.littlelb.netlink.rtnetlink.AddressMessage;
import io.littlelb.netlink.rtnetlink.LinkMessage;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** The addresses that this host has on links other than one. Part of a {@link LinkLook}. */
final class OtherLinks {
    /** Where kube-proxy in mode ipvs puts addresses of Services, ours with them: not the host's, and never spoken for on any network. */
    private static final String LINK_OF_SERVICES = "kube-ipvs0";
    /** No link has this index. */
    private static final int NO_LINK = 0;

    private final OwnershipMark mark;
    private final RtnetlinkConnection kernel;

    OtherLinks(OwnershipMark mark, RtnetlinkConnection kernel) {
        this.mark = mark;
        this.kernel = kernel;
    }

    /**
     * What other links have. Where two instances have put an address on theirs at the same moment, the first link keeps it: both would let it go.
     *
     * @param all of all links
     * @param index of the link in question
     * @param seenOfOurs the addresses on it that are ours
     */
    Set<InetAddress> addresses(List<AddressMessage> all, int index, List<AddressMessage> seenOfOurs)
            throws IOException {
        Set<InetAddress> ours =
                seenOfOurs.stream().map(address -> address.cidr().address()).collect(toSet());
        List<AddressMessage> others = all.stream()
                .filter(address -> address.linkIndex() != index && meansSomethingElsewhere(address))
                .filter(address -> !(address.linkIndex() > index
                        && mark.isOnAnothers(address)
                        && ours.contains(address.cidr().address())))
                .toList();
        int ofServices = others.isEmpty()
                ? NO_LINK
                : kernel.link(LINK_OF_SERVICES).map(LinkMessage::index).orElse(NO_LINK);
        return others.stream()
                .filter(address -> address.linkIndex() != ofServices)
                .map(address -> address.cidr().address())
                .collect(toSet());
    }

    private static boolean meansSomethingElsewhere(AddressMessage address) {
        InetAddress ip = address.cidr().address();
        return !ip.isLoopbackAddress() && !ip.isLinkLocalAddress();
    }
}
