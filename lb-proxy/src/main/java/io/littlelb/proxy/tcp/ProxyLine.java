package io.littlelb.proxy.tcp;

import com.google.common.base.CharMatcher;
import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Family;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Version 1 of the PROXY protocol, section 2.1 of HAProxy's doc/proxy-protocol.txt.
 *
 * <pre>
 * PROXY TCP4 CLIENT DESTINATION CLIENT-PORT DESTINATION-PORT\r\n, or TCP6, or UNKNOWN and anything
 * </pre>
 */
final class ProxyLine {
    static final byte[] START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    /** With its end of line; a longer one is none. */
    static final int MOST = 107;

    private static final String NOBODY = "PROXY UNKNOWN\r\n";
    /** Without leading zeros, which others take for octal. */
    private static final String PORT = "0|[1-9][0-9]{0,4}";

    private ProxyLine() {}

    static OptionalInt length(byte[] start) throws ProtocolException {
        int end = 0;
        while (end + 1 < Math.min(start.length, MOST)) {
            if (start[end] == '\r' && start[end + 1] == '\n') {
                return OptionalInt.of(end + 2);
            }
            end++;
        }
        if (start.length >= MOST) {
            throw new ProtocolException("a line longer than " + MOST + " bytes");
        }
        return OptionalInt.empty();
    }

    static ProxyHeader read(byte[] whole) throws ProtocolException {
        String line = new String(whole, 0, whole.length - 2, StandardCharsets.US_ASCII);
        String[] words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return ProxyHeader.LOCAL;
        }
        if (words.length != 6) {
            throw new ProtocolException("a line of " + words.length + " words");
        }
        return ProxyHeader.of(endpoint(words[1], words[2], words[4]), endpoint(words[1], words[3], words[5]));
    }

    /** What is wrong with it is told without what it says: that may be a client's address. */
    private static InetSocketAddress endpoint(String protocol, String ip, String port) throws ProtocolException {
        return new InetSocketAddress(address(protocol, ip), port(port));
    }

    private static InetAddress address(String protocol, String text) throws ProtocolException {
        Optional<InetAddress> address = switch (protocol) {
            case "TCP4" -> Addresses.parse(text).filter(ip -> Family.of(ip) == Family.IPV4);
            case "TCP6" -> ipv6(text);
            default -> throw new ProtocolException("what it names is none of TCP4, TCP6 and UNKNOWN");
        };
        return address.orElseThrow(() -> new ProtocolException("what it names is no address of " + protocol));
    }

    /** In any spelling, mapped IPv4 included, which becomes the IPv4 address it is; without a zone, which says nothing on another host. */
    private static Optional<InetAddress> ipv6(String text) {
        boolean possible = CharMatcher.ascii().matchesAllOf(text) && text.indexOf(':') >= 0 && text.indexOf('%') < 0;
        return possible && InetAddresses.isInetAddress(text)
                ? Optional.of(InetAddresses.forString(text))
                : Optional.empty();
    }

    private static int port(String text) throws ProtocolException {
        int port = text.matches(PORT) ? Integer.parseInt(text) : Integer.MAX_VALUE;
        if (port > 0xffff) {
            throw new ProtocolException("what it names is no port");
        }
        return port;
    }

    static byte[] bytes(Optional<ProxyHeader.Route> route) {
        return route.map(ProxyLine::line).orElse(NOBODY).getBytes(StandardCharsets.US_ASCII);
    }

    private static String line(ProxyHeader.Route route) {
        InetAddress client = route.client().getAddress();
        InetAddress destination = route.destination().getAddress();
        Family family = Family.of(client);
        boolean same = family == Family.of(destination);
        return String.join(
                        " ",
                        "PROXY",
                        same && family == Family.IPV4 ? "TCP4" : "TCP6",
                        same ? Addresses.print(client) : ipv6(client),
                        same ? Addresses.print(destination) : ipv6(destination),
                        Integer.toString(route.client().getPort()),
                        Integer.toString(route.destination().getPort()))
                + "\r\n";
    }

    /** Where the other one is IPv6; IPv4 mapped into it, RFC 4291 section 2.5.5.2. */
    private static String ipv6(InetAddress address) {
        return (Family.of(address) == Family.IPV4 ? "::ffff:" : "") + Addresses.print(address);
    }
}
