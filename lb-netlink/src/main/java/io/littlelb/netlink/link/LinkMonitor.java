package io.littlelb.netlink.link;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTMGRP_IPV4_IFADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTMGRP_IPV4_ROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTMGRP_IPV6_IFADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTMGRP_IPV6_ROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTMGRP_LINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWROUTE;

import io.littlelb.linux.Fd;
import io.littlelb.netlink.rtnetlink.LinkMessage;
import io.littlelb.netlink.rtnetlink.LoggedMessages;
import io.littlelb.netlink.rtnetlink.RouteMessage;
import io.littlelb.netlink.rtnetlink.Rtnetlink;
import io.littlelb.netlink.wire.NetlinkException;
import io.littlelb.netlink.wire.NetlinkMessage;
import io.littlelb.netlink.wire.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Hears that links, addresses or default routes have changed. What changed is not taken from the message: it is a reason to
 * look again, as is one that was lost. For one thread at a time.
 */
final class LinkMonitor implements AutoCloseable {
    private static final int GROUPS =
            RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;

    private final NetlinkSocket socket;
    private final String link;

    private LinkMonitor(NetlinkSocket socket, String link) {
        this.socket = socket;
        this.link = link;
    }

    /** Listens in the calling thread's network namespace, from now on, with an eye on one link. */
    static LinkMonitor open(String link) throws IOException {
        return new LinkMonitor(NetlinkSocket.open(Rtnetlink.NETLINK_ROUTE, GROUPS, new LoggedMessages()), link);
    }

    /** The same with room for so many bytes that have not been taken in yet. */
    static LinkMonitor open(String link, int receiveBuffer) throws IOException {
        return new LinkMonitor(
                NetlinkSocket.open(Rtnetlink.NETLINK_ROUTE, GROUPS, new LoggedMessages(), receiveBuffer), link);
    }

    /**
     * What has been said.
     *
     * @param lookAgain whether there is a reason to
     * @param routes whether default routes may have changed
     * @param linkWasDown whether the link was without a connection, be it for a moment, or may have been
     */
    record News(boolean lookAgain, boolean routes, boolean linkWasDown) {
        static final News NONE = new News(false, false, false);
        /** Something was lost. */
        static final News ANYTHING = new News(true, true, true);

        News and(News more) {
            return new News(lookAgain || more.lookAgain, routes || more.routes, linkWasDown || more.linkWasDown);
        }
    }

    /** Readable when there is something to {@link #drain}. */
    Fd fd() {
        return socket.fd();
    }

    /** Takes in all that has been said. Does not wait. */
    News drain() throws IOException {
        News news = News.NONE;
        while (true) {
            switch (socket.receive(false)) {
                case NOTHING -> {
                    return news;
                }
                case OVERRUN -> news = News.ANYTHING;
                case DATAGRAM -> news = news.and(news(socket.datagram()));
            }
        }
    }

    private News news(ByteBuffer datagram) throws NetlinkException {
        News news = News.NONE;
        while (datagram.hasRemaining()) {
            NetlinkMessage message = NetlinkMessage.next(datagram);
            news = news.and(
                    switch (message.type()) {
                        case RTM_NEWROUTE, RTM_DELROUTE -> ofRoute(message);
                        case RTM_NEWLINK, RTM_DELLINK -> new News(true, false, wasDown(message));
                        default -> new News(true, false, false);
                    });
        }
        return news;
    }

    /** A router's table may change all the time; of the routes, only the default ones matter here. */
    private static News ofRoute(NetlinkMessage message) throws NetlinkException {
        boolean isDefault = RouteMessage.read(message.payload()).isDefault();
        return new News(isDefault, isDefault, false);
    }

    private boolean wasDown(NetlinkMessage message) throws NetlinkException {
        LinkMessage about = LinkMessage.read(message.payload());
        return about.name().equals(link) && (message.type() == RTM_DELLINK || !about.isConnected());
    }

    @Override
    public void close() {
        socket.close();
    }
}
