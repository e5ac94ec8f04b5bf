package io.littlelb.netlink.link;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWLINK;

import io.littlelb.netlink.rtnetlink.AddressMessage;
import io.littlelb.netlink.rtnetlink.LinkMessage;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import io.littlelb.netlink.wire.NetlinkConnection;
import io.littlelb.netlink.wire.NetlinkException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the kernel to change addresses of one link, without a rule of its own. For one thread at a time. */
final class AddressRequests {
    private final String link;
    private final RtnetlinkConnection kernel;

    AddressRequests(String link, RtnetlinkConnection kernel) {
        this.link = link;
        this.kernel = kernel;
    }

    /**
     * Has the kernel change many addresses.
     *
     * @param operation what is tried, with {@code %s} for the address
     * @return what went wrong with which
     */
    Map<AddressMessage, IOException> change(String operation, int type, int flags, List<AddressMessage> changed) {
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

    /** One of them. */
    static NetlinkConnection.Change change(String operation, int type, int flags, AddressMessage address) {
        return new NetlinkConnection.Change(String.format(operation, address.cidr()), type, flags, address::writeTo);
    }

    /** Asks for changes in their order; returns for each of them the refusal, if it was refused. */
    List<Optional<NetlinkException>> change(List<NetlinkConnection.Change> changes) throws IOException {
        return kernel.change(changes);
    }

    /** Returns what went wrong with which. */
    Map<AddressMessage, IOException> remove(List<AddressMessage> doomed) {
        return change("remove address %s from " + link, RTM_DELADDR, 0, doomed);
    }

    /**
     * Has the kernel make the next IPv4 address of a subnet its first one when the first goes; by default it removes them all. The same setting as
     * {@code net.ipv4.conf.LINK.promote_secondaries}, but over netlink: in a container the file is read-only.
     */
    void promoteSecondaries() throws IOException {
        Optional<LinkMessage> found = kernel.link(link); // nobody tells when it is unset
        if (found.isPresent() && !found.get().promotesSecondaries()) {
            kernel.change(new NetlinkConnection.Change(
                    "set promote_secondaries of " + link,
                    RTM_NEWLINK,
                    0,
                    request -> LinkMessage.writePromoteSecondaries(
                            request, found.get().index())));
        }
    }
}
