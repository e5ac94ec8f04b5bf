package io.littlelb.netlink.rtnetlink;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_DELROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_GETADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_GETLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_GETROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWADDR;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWLINK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTM_NEWROUTE;
import static io.littlelb.netlink.wire.Netlink.NLMSG_DONE;
import static io.littlelb.netlink.wire.Netlink.NLMSG_ERROR;
import static io.littlelb.netlink.wire.Netlink.NLM_F_ACK;
import static io.littlelb.netlink.wire.Netlink.NLM_F_CREATE;
import static io.littlelb.netlink.wire.Netlink.NLM_F_DUMP;
import static io.littlelb.netlink.wire.Netlink.NLM_F_DUMP_INTR;
import static io.littlelb.netlink.wire.Netlink.NLM_F_EXCL;
import static io.littlelb.netlink.wire.Netlink.NLM_F_MULTI;
import static io.littlelb.netlink.wire.Netlink.NLM_F_REPLACE;
import static io.littlelb.netlink.wire.Netlink.NLM_F_REQUEST;
import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Addresses;
import io.littlelb.netlink.wire.NetlinkConnection;
import io.littlelb.netlink.wire.NetlinkException;
import io.littlelb.netlink.wire.NetlinkMessage;
import java.nio.ByteBuffer;
import java.util.StringJoiner;

/** A message in one line, for a person who looks for a fault: {@code RTM_NEWADDR request,create,excl seq 7: …}. */
final class MessageText {
    private MessageText() {}

    /** Never fails: of what cannot be read it says why. */
    static String of(NetlinkMessage message) {
        return name(message.type()) + " " + flags(message) + "seq " + Integer.toUnsignedString(message.sequence())
                + ": " + body(message);
    }

    private static String name(int type) {
        return switch (type) {
            case NLMSG_ERROR -> "NLMSG_ERROR";
            case NLMSG_DONE -> "NLMSG_DONE";
            case RTM_NEWLINK -> "RTM_NEWLINK";
            case RTM_DELLINK -> "RTM_DELLINK";
            case RTM_GETLINK -> "RTM_GETLINK";
            case RTM_NEWADDR -> "RTM_NEWADDR";
            case RTM_DELADDR -> "RTM_DELADDR";
            case RTM_GETADDR -> "RTM_GETADDR";
            case RTM_NEWROUTE -> "RTM_NEWROUTE";
            case RTM_DELROUTE -> "RTM_DELROUTE";
            case RTM_GETROUTE -> "RTM_GETROUTE";
            default -> "type " + type;
        };
    }

    /** What a flag above the lower eight means depends on whether it asks, and for what. */
    private static String flags(NetlinkMessage message) {
        int flags = message.flags();
        StringJoiner names = new StringJoiner(",", "", " ").setEmptyValue("");
        boolean asks = (flags & NLM_F_REQUEST) != 0;
        boolean dumps = asks && isGet(message.type()) && (flags & NLM_F_DUMP) == NLM_F_DUMP;
        boolean changes = asks && !isGet(message.type());
        name(names, asks, "request");
        name(names, (flags & NLM_F_MULTI) != 0, "multi");
        name(names, (flags & NLM_F_ACK) != 0, "ack");
        name(names, (flags & NLM_F_DUMP_INTR) != 0, "interrupted");
        name(names, dumps, "dump");
        name(names, changes && (flags & NLM_F_CREATE) != 0, "create");
        name(names, changes && (flags & NLM_F_EXCL) != 0, "excl");
        name(names, changes && (flags & NLM_F_REPLACE) != 0, "replace");
        return names.toString();
    }

    private static void name(StringJoiner names, boolean is, String name) {
        if (is) {
            names.add(name);
        }
    }

    private static boolean isGet(int type) {
        return type == RTM_GETLINK || type == RTM_GETADDR || type == RTM_GETROUTE;
    }

    private static String body(NetlinkMessage message) {
        ByteBuffer payload = message.payload();
        try {
            return switch (message.type()) {
                case RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK -> link(LinkMessage.read(payload));
                case RTM_NEWADDR, RTM_DELADDR -> address(AddressMessage.read(payload));
                case RTM_NEWROUTE, RTM_DELROUTE -> route(RouteMessage.read(payload));
                case NLMSG_ERROR, NLMSG_DONE -> {
                    NetlinkConnection.checkEnd("refused", message);
                    yield "no error";
                }
                default -> payload.remaining() + " bytes";
            };
        } catch (NetlinkException e) {
            return e.getMessage();
        }
    }

    private static String link(LinkMessage link) {
        return "link " + link.index() + " \"" + link.name() + "\" flags " + hex(link.flags())
                + link.mac().map(mac -> " mac " + mac).orElse("");
    }

    private static String address(AddressMessage address) {
        return address.cidr() + " on link " + address.linkIndex() + " scope " + address.scope() + " flags "
                + hex(address.flags()) + " protocol " + address.protocol()
                + (address.label().isEmpty() ? "" : " label " + address.label())
                + (address.validSeconds() == AddressMessage.FOREVER ? "" : " valid " + address.validSeconds() + " s");
    }

    private static String route(RouteMessage route) {
        return route.hops().stream()
                .map(hop -> " via " + Addresses.print(hop.gateway()) + " on link " + hop.linkIndex())
                .collect(joining(",", "route to a /" + route.destinationLength(), ""));
    }

    private static String hex(int flags) {
        return "0x" + Integer.toHexString(flags);
    }
}
