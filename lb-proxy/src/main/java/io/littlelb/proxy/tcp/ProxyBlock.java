package io.littlelb.proxy.tcp;

import io.littlelb.core.model.Family;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32C;

/**
 * Version 2 of the PROXY protocol, section 2.2 of HAProxy's doc/proxy-protocol.txt.
 *
 * <pre>
 *  0  u8[12] signature
 * 12  u8     2 in the upper half; the command in the lower: 0 the proxy itself speaks, 1 on behalf of a client
 * 13  u8     family and transport: 0x11 and 0x21 are TCP over IPv4 and IPv6
 * 14  be16   how many bytes follow
 * 16  client's address, destination's address, be16 client's port, be16 destination's port, then extensions, each:
 *  0  u8     type
 *  1  be16   how many bytes follow
 *  3  value
 * </pre>
 */
final class ProxyBlock {
    static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10};

    private static final int COMMAND_OFFSET = 12;
    private static final int TRANSPORT_OFFSET = 13;
    private static final int LENGTH_OFFSET = 14;
    private static final int FIXED_LENGTH = 16;
    static final int MOST = FIXED_LENGTH + 0xffff;

    /** Version 2, and the command: the proxy itself, or on behalf of another host. */
    private static final byte LOCAL = 0x20;

    private static final byte PROXY = 0x21;

    private static final byte UNSPECIFIED = 0x00;
    private static final byte TCP_OVER_IPV4 = 0x11;
    private static final byte TCP_OVER_IPV6 = 0x21;
    private static final int PORTS_BYTES = 2 * Short.BYTES;

    private static final int EXTENSION_START = 3;
    /** Of the whole header, these four bytes taken for zero: PP2_TYPE_CRC32C, section 2.2.3. */
    private static final byte CRC32C_TYPE = 0x03;
    /** Fills up, and says nothing: PP2_TYPE_NOOP, section 2.2.4. */
    private static final byte NOOP_TYPE = 0x04;

    private ProxyBlock() {}

    static OptionalInt length(byte[] start) throws ProtocolException {
        if (start.length < FIXED_LENGTH) {
            return OptionalInt.empty();
        }
        byte command = start[COMMAND_OFFSET];
        if (command != PROXY && command != LOCAL) {
            throw new ProtocolException(String.format("version and command 0x%02x", command));
        }
        return OptionalInt.of(
                FIXED_LENGTH + Short.toUnsignedInt(ByteBuffer.wrap(start).getShort(LENGTH_OFFSET)));
    }

    static ProxyHeader read(byte[] whole) throws ProtocolException {
        ByteBuffer remainder = ByteBuffer.wrap(whole).position(FIXED_LENGTH);
        byte transport = whole[TRANSPORT_OFFSET];
        boolean ipv4 = transport == TCP_OVER_IPV4;
        boolean toldWho = whole[COMMAND_OFFSET] == PROXY && (ipv4 || transport == TCP_OVER_IPV6);
        if (!toldWho) {
            return ProxyHeader.LOCAL;
        }
        byte[] client = new byte[ipv4 ? 4 : 16];
        byte[] destination = new byte[client.length];
        if (remainder.remaining() < 2 * client.length + PORTS_BYTES) {
            throw new ProtocolException("addresses of " + remainder.remaining() + " bytes");
        }
        remainder.get(client).get(destination);
        ProxyHeader.Route route = new ProxyHeader.Route(
                endpoint(client, remainder.getShort()), endpoint(destination, remainder.getShort()));
        return new ProxyHeader(Optional.of(route), extensions(remainder, whole));
    }

    /** Here as everywhere Java makes an IPv4 address of one that is mapped into IPv6: it is the client's own. */
    private static InetSocketAddress endpoint(byte[] ip, short port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), Short.toUnsignedInt(port));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** What concerns the client: neither what fills up nor the checksum, which is of this header and no other. */
    private static ByteBuffer extensions(ByteBuffer remainder, byte[] whole) throws ProtocolException {
        ByteBuffer kept = ByteBuffer.allocate(remainder.remaining());
        while (remainder.hasRemaining()) {
            ByteBuffer extension = next(remainder);
            byte type = extension.get(extension.position());
            if (type == CRC32C_TYPE) {
                check(whole, extension);
            } else if (type != NOOP_TYPE) {
                kept.put(extension);
            }
        }
        return kept.flip();
    }

    private static ByteBuffer next(ByteBuffer remainder) throws ProtocolException {
        int length = remainder.remaining() < EXTENSION_START
                ? Integer.MAX_VALUE
                : EXTENSION_START + Short.toUnsignedInt(remainder.getShort(remainder.position() + 1));
        if (length > remainder.remaining()) {
            throw new ProtocolException("an extension that goes on beyond its end");
        }
        ByteBuffer extension = remainder.duplicate().limit(remainder.position() + length);
        remainder.position(extension.limit());
        return extension;
    }

    private static void check(byte[] whole, ByteBuffer extension) throws ProtocolException {
        int at = extension.position() + EXTENSION_START;
        if (extension.limit() - at != Integer.BYTES) {
            throw new ProtocolException("a checksum of " + (extension.limit() - at) + " bytes");
        }
        CRC32C sum = new CRC32C();
        sum.update(whole, 0, at);
        sum.update(new byte[Integer.BYTES]);
        sum.update(whole, at + Integer.BYTES, whole.length - at - Integer.BYTES);
        if ((int) sum.getValue() != extension.getInt(at)) {
            throw new ProtocolException("its checksum is another");
        }
    }

    static byte[] bytes(Optional<ProxyHeader.Route> route, ByteBuffer extensions) {
        return route.map(known -> of(known, extensions))
                .orElseGet(() -> start(LOCAL, UNSPECIFIED, 0).array());
    }

    private static byte[] of(ProxyHeader.Route route, ByteBuffer extensions) {
        InetAddress client = route.client().getAddress();
        InetAddress destination = route.destination().getAddress();
        boolean ipv4 = Family.of(client) == Family.IPV4 && Family.of(destination) == Family.IPV4;
        int length = 2 * (ipv4 ? 4 : 16) + PORTS_BYTES + extensions.remaining();
        return start(PROXY, ipv4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6, length)
                .put(ipv4 ? client.getAddress() : ipv6(client))
                .put(ipv4 ? destination.getAddress() : ipv6(destination))
                .putShort((short) route.client().getPort())
                .putShort((short) route.destination().getPort())
                .put(extensions.duplicate())
                .array();
    }

    private static ByteBuffer start(byte command, byte transport, int length) {
        return ByteBuffer.allocate(FIXED_LENGTH + length)
                .put(SIGNATURE)
                .put(command)
                .put(transport)
                .putShort((short) length);
    }

    /** An IPv6 address as it is, an IPv4 address mapped into IPv6, RFC 4291 section 2.5.5.2. */
    private static byte[] ipv6(InetAddress address) {
        byte[] bytes = address.getAddress();
        return Family.of(address) == Family.IPV6
                ? bytes
                : ByteBuffer.allocate(16)
                        .putShort(10, (short) 0xffff)
                        .position(12)
                        .put(bytes)
                        .array();
    }
}
