package io.littlelb.proxy;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.ProxyProtocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What one proxy tells the next before a connection's first byte, the PROXY protocol of HAProxy's doc/proxy-protocol.txt.
 *
 * <pre>
 * version 1     PROXY TCP4 CLIENT FRONTEND CLIENT-PORT FRONTEND-PORT\r\n, or TCP6, or UNKNOWN and anything
 *
 * version 2      0  u8[12] signature
 *               12  u8     2 in the upper half; the command in the lower: 0 the proxy itself speaks, 1 on behalf of a client
 *               13  u8     family and transport: 0x11 and 0x21 are TCP over IPv4 and IPv6
 *               14  be16   how many bytes follow
 *               16  client's address, frontend's address, be16 client's port, be16 frontend's port, extensions
 * </pre>
 */
final class ProxyHeader {
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10};
    /** Version 2, and the command PROXY: on behalf of another host. */
    private static final byte VERSION_AND_COMMAND = 0x21;

    private static final byte TCP_OVER_IPV4 = 0x11;
    private static final byte TCP_OVER_IPV6 = 0x21;
    private static final int PORTS_BYTES = 2 * Short.BYTES;

    private static final long IPV4_MAPPED = 0xffffL << 32;

    private static final int VERSION_2 = 0x20;
    private static final int LOCAL = 0;
    private static final int V2_FIXED_LENGTH = 16;
    private static final byte[] V1_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    /** With its end of line; a longer one is none. */
    private static final int V1_MOST = 107;

    /** No header that is understood is longer: the rest of one of version 2 is extensions. */
    static final int MOST = 4096;

    private ProxyHeader() {}

    /**
     * A header that was received.
     *
     * @param length how many bytes of the stream it takes
     * @param client on whose behalf the proxy speaks; empty when it speaks for itself or does not know
     */
    record Received(int length, Optional<InetSocketAddress> client) {}

    /**
     * Reads the header that a stream begins with; empty when more bytes must come first.
     *
     * @throws ProtocolException when no header can begin so
     */
    static Optional<Received> read(byte[] start) throws ProtocolException {
        if (beginsLike(start, SIGNATURE)) {
            return start.length < V2_FIXED_LENGTH ? Optional.empty() : readV2(ByteBuffer.wrap(start));
        }
        if (beginsLike(start, V1_START)) {
            return readV1(new String(start, StandardCharsets.US_ASCII));
        }
        throw new ProtocolException("it begins with neither version of the PROXY protocol");
    }

    private static boolean beginsLike(byte[] start, byte[] expected) {
        int common = Math.min(start.length, expected.length);
        return Arrays.equals(start, 0, common, expected, 0, common);
    }

    private static Optional<Received> readV1(String start) throws ProtocolException {
        int end = start.indexOf("\r\n");
        int length = end + 2;
        if (end < 0 && start.length() < V1_MOST) {
            return Optional.empty();
        }
        if (end < 0 || length > V1_MOST) {
            throw new ProtocolException("a line longer than " + V1_MOST + " bytes");
        }
        String[] words = start.substring(0, end).split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return Optional.of(new Received(length, Optional.empty()));
        }
        if (words.length != 6) {
            throw new ProtocolException("a line of " + words.length + " words");
        }
        InetAddress client = address(words[1], words[2]);
        address(words[1], words[3]);
        port(words[5]);
        return Optional.of(new Received(length, Optional.of(new InetSocketAddress(client, port(words[4])))));
    }

    private static InetAddress address(String protocol, String text) throws ProtocolException {
        return Addresses.parse(text)
                .filter(address -> protocol.equals(Family.of(address) == Family.IPV4 ? "TCP4" : "TCP6"))
                .orElseThrow(() -> new ProtocolException("\"" + text + "\" is no address of " + protocol));
    }

    private static int port(String text) throws ProtocolException {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : Integer.MAX_VALUE;
        if (port > 0xffff) {
            throw new ProtocolException("\"" + text + "\" is no port");
        }
        return port;
    }

    private static Optional<Received> readV2(ByteBuffer start) throws ProtocolException {
        int versionAndCommand = start.get(SIGNATURE.length);
        byte transport = start.get(SIGNATURE.length + 1);
        int rest = start.getShort(SIGNATURE.length + 2) & 0xffff;
        int length = V2_FIXED_LENGTH + rest;
        boolean known = versionAndCommand == VERSION_AND_COMMAND || versionAndCommand == (VERSION_2 | LOCAL);
        if (!known || length > MOST) {
            throw new ProtocolException("version and command " + versionAndCommand + ", " + length + " bytes");
        }
        if (start.capacity() < length) {
            return Optional.empty();
        }
        boolean ipv4 = transport == TCP_OVER_IPV4;
        boolean toldWho = versionAndCommand == VERSION_AND_COMMAND && (ipv4 || transport == TCP_OVER_IPV6);
        if (!toldWho) {
            return Optional.of(new Received(length, Optional.empty()));
        }
        byte[] client = new byte[ipv4 ? 4 : 16];
        if (rest < 2 * client.length + PORTS_BYTES) {
            throw new ProtocolException("addresses of " + rest + " bytes");
        }
        start.get(V2_FIXED_LENGTH, client);
        int port = start.getShort(V2_FIXED_LENGTH + 2 * client.length) & 0xffff;
        return Optional.of(new Received(length, Optional.of(new InetSocketAddress(ip(client), port))));
    }

    private static InetAddress ip(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** The header for a client that came to a frontend; empty when none is sent. */
    static byte[] of(ProxyProtocol protocol, InetAddress client, int clientPort, Frontend frontend) {
        boolean sameFamily = Family.of(client) == Family.of(frontend.ip()); // not after a proxy that translates
        InetAddress from = sameFamily ? client : ipv6(client);
        InetAddress to = sameFamily ? frontend.ip() : ipv6(frontend.ip());
        return switch (protocol) {
            case OFF -> new byte[0];
            case V1 -> v1(from, clientPort, to, frontend.port());
            case V2 -> v2(from, clientPort, to, frontend.port());
        };
    }

    /** An IPv6 address as it is, an IPv4 address mapped into IPv6, RFC 4291 section 2.5.5.2. */
    private static InetAddress ipv6(InetAddress address) {
        return Family.of(address) == Family.IPV6
                ? address
                : new Cidr(
                                Family.IPV6,
                                0,
                                IPV4_MAPPED | new Cidr(address, Family.IPV4.bits()).low(),
                                Family.IPV6.bits())
                        .address();
    }

    private static byte[] v1(InetAddress client, int clientPort, InetAddress frontend, int frontendPort) {
        String family = Family.of(client) == Family.IPV4 ? "TCP4" : "TCP6";
        String line = String.join(
                " ",
                "PROXY",
                family,
                Addresses.print(client),
                Addresses.print(frontend),
                Integer.toString(clientPort),
                Integer.toString(frontendPort));
        return (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] v2(InetAddress client, int clientPort, InetAddress frontend, int frontendPort) {
        byte[] from = client.getAddress();
        byte[] to = frontend.getAddress();
        int length = from.length + to.length + PORTS_BYTES;
        return ByteBuffer.allocate(SIGNATURE.length + 2 + Short.BYTES + length)
                .put(SIGNATURE)
                .put(VERSION_AND_COMMAND)
                .put(Family.of(client) == Family.IPV4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6)
                .putShort((short) length)
                .put(from)
                .put(to)
                .putShort((short) clientPort)
                .putShort((short) frontendPort)
                .array();
    }
}
