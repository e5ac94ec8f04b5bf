package io.littlelb.netlink.rtnetlink;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.NETLINK_ROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_GETADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_GETLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_GETROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWROUTE;

import io.littlelb.linux.Errno;
import io.littlelb.linux.SockAddr;
import io.littlelb.netlink.wire.NetlinkConnection;
import io.littlelb.netlink.wire.NetlinkConnection.Change;
import io.littlelb.netlink.wire.NetlinkConnection.Question;
import io.littlelb.netlink.wire.NetlinkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks the kernel's routing tables, rtnetlink(7), and changes them. For one thread at a time. */
public final class RtnetlinkConnection implements AutoCloseable {
    /** No link has this index. */
    private static final int EVERY_LINK = 0;

    private final NetlinkConnection kernel;

    private RtnetlinkConnection(NetlinkConnection kernel) {
        this.kernel = kernel;
    }

    /** Connects in the calling thread's network namespace. */
    public static RtnetlinkConnection open() throws IOException {
        return new RtnetlinkConnection(NetlinkConnection.open(NETLINK_ROUTE, new LoggedMessages()));
    }

    /** All links, in the kernel's order. */
    public List<LinkMessage> links() throws IOException {
        return kernel.dump(
                new Question<>("list the links", RTM_GETLINK, RTM_NEWLINK, LinkMessage::writeDump, LinkMessage::read));
    }

    /** The link of a name; empty when there is none. */
    public Optional<LinkMessage> link(String name) throws IOException {
        try {
            return Optional.of(kernel.get(new Question<>(
                    "look for link " + name,
                    RTM_GETLINK,
                    RTM_NEWLINK,
                    request -> LinkMessage.writeGet(request, name),
                    LinkMessage::read)));
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The addresses of all links: of each, IPv4 ones in the order they came, IPv6 ones in reverse. */
    public List<AddressMessage> addresses() throws IOException {
        return dump("list all addresses", EVERY_LINK);
    }

    /** The addresses of a link, in the same order. */
    public List<AddressMessage> addresses(int linkIndex) throws IOException {
        return dump("list the addresses of link " + linkIndex, linkIndex).stream()
                .filter(address -> address.linkIndex() == linkIndex) // a kernel before 5.0 lists all links
                .toList();
    }

    private List<AddressMessage> dump(String operation, int linkIndex) throws IOException {
        return kernel.dump(new Question<>(
                operation,
                RTM_GETADDR,
                RTM_NEWADDR,
                request -> AddressMessage.writeDump(request, linkIndex),
                AddressMessage::read));
    }

    /** The routes by a link, of both families; a kernel before 4.20 gives those by all links. */
    public List<RouteMessage> routes(int linkIndex) throws IOException {
        List<RouteMessage> routes = new ArrayList<>(routes(linkIndex, SockAddr.AF_INET));
        routes.addAll(routes(linkIndex, SockAddr.AF_INET6));
        return routes;
    }

    private List<RouteMessage> routes(int linkIndex, int family) throws IOException {
        return kernel.dump(new Question<>(
                "list the routes of link " + linkIndex,
                RTM_GETROUTE,
                RTM_NEWROUTE,
                request -> RouteMessage.writeDump(request, family, linkIndex),
                RouteMessage::read));
    }

    /** Asks for changes, each by itself; returns for each of them the refusal, if it was refused. */
    public List<Optional<NetlinkException>> change(List<Change> changes) throws IOException {
        return kernel.change(changes);
    }

    /**
     * Asks for one change.
     *
     * @throws NetlinkException when the kernel refuses
     */
    public void change(Change change) throws IOException {
        kernel.change(change);
    }

    @Override
    public void close() {
        kernel.close();
    }
}
