package io.littlelb.netlink;

import static io.littlelb.netlink.Rtnetlink.RTMGRP_IPV4_IFADDR;
import static io.littlelb.netlink.Rtnetlink.RTMGRP_IPV4_ROUTE;
import static io.littlelb.netlink.Rtnetlink.RTMGRP_IPV6_IFADDR;
import static io.littlelb.netlink.Rtnetlink.RTMGRP_IPV6_ROUTE;
import static io.littlelb.netlink.Rtnetlink.RTMGRP_LINK;
import static io.littlelb.netlink.Rtnetlink.RTM_DELROUTE;
import static io.littlelb.netlink.Rtnetlink.RTM_NEWROUTE;

import io.littlelb.linux.Fd;
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

    private LinkMonitor(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Listens in the calling thread's network namespace, from now on. */
    static LinkMonitor open() throws IOException {
        return new LinkMonitor(NetlinkSocket.open(GROUPS));
    }

    /** The same with room for so many bytes that have not been taken in yet. */
    static LinkMonitor open(int receiveBuffer) throws IOException {
        return new LinkMonitor(NetlinkSocket.open(GROUPS, receiveBuffer));
    }

    /** Readable when there is something to {@link #drain}. */
    Fd fd() {
        return socket.fd();
    }

    /** Takes in all that has been said, and returns whether there is a reason to look again. Does not wait. */
    boolean drain() throws IOException {
        boolean lookAgain = false;
        while (true) {
            switch (socket.receive(false)) {
                case NOTHING -> {
                    return lookAgain;
                }
                case OVERRUN -> lookAgain = true;
                case DATAGRAM -> lookAgain |= isAboutUs(socket.datagram());
            }
        }
    }

    /** A router's table may change all the time; of the routes, only the default ones matter here. */
    private static boolean isAboutUs(ByteBuffer datagram) throws NetlinkException {
        boolean aboutUs = false;
        while (datagram.hasRemaining()) {
            NetlinkMessage message = NetlinkMessage.next(datagram);
            boolean route = message.type() == RTM_NEWROUTE || message.type() == RTM_DELROUTE;
            aboutUs |= !route || RouteMessage.read(message.payload()).isDefault();
        }
        return aboutUs;
    }

    @Override
    public void close() {
        socket.close();
    }
}
