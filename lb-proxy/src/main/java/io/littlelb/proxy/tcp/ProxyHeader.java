package io.littlelb.proxy.tcp;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ProxyProtocol;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What one proxy tells the next before a connection's first byte, the PROXY protocol of HAProxy's doc/proxy-protocol.txt; written and read, as
 * the line of {@link ProxyLine} or the binary of {@link ProxyBlock}.
 *
 * @param route on whose behalf the proxy speaks; empty when it speaks for itself, as to see whether somebody is there, or does not know
 * @param extensions what else it says of the client, TLVs of version 2 as they came; never without a route
 */
public record ProxyHeader(Optional<Route> route, ByteBuffer extensions) {
    /** The longest of all: a fixed part, and as much as 16 bits can count. */
    public static final int MOST = ProxyBlock.MOST;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /** Of a proxy that speaks for itself. */
    public static final ProxyHeader LOCAL = new ProxyHeader(Optional.empty(), NONE);

    /** How long a beginning has to be, at most, to tell the length of the whole. */
    static final int TELLING = ProxyLine.MOST;

    public ProxyHeader {
        requireNonNull(route, "route");
        extensions = extensions.asReadOnlyBuffer();
        if (route.isEmpty() && extensions.hasRemaining()) {
            throw new IllegalArgumentException("extensions of nobody");
        }
    }

    /**
     * The two ends of the client's connection to the first proxy. An IPv4 address that came mapped into IPv6 is the IPv4 address it carries; the two may be
     * of different families, where a proxy before has translated.
     */
    public record Route(InetSocketAddress client, InetSocketAddress destination) {
        public Route {
            requireNonNull(client, "client");
            requireNonNull(destination, "destination");
        }
    }

    /** Of a client that has come without a proxy before us. */
    public static ProxyHeader of(InetSocketAddress client, InetSocketAddress destination) {
        return new ProxyHeader(Optional.of(new Route(client, destination)), NONE);
    }

    /**
     * How many bytes a header that begins so takes; empty when more bytes must come first, which they need not once there are {@link #TELLING}.
     *
     * @throws ProtocolException when no header can begin so
     */
    static OptionalInt length(byte[] start) throws ProtocolException {
        if (beginsLike(start, ProxyBlock.SIGNATURE)) {
            return ProxyBlock.length(start);
        }
        if (beginsLike(start, ProxyLine.START)) {
            return ProxyLine.length(start);
        }
        throw new ProtocolException("it begins with neither version of the PROXY protocol");
    }

    private static boolean beginsLike(byte[] start, byte[] expected) {
        int common = Math.min(start.length, expected.length);
        return Arrays.equals(start, 0, common, expected, 0, common);
    }

    /**
     * Reads a header, of just the length that {@link #length} has told.
     *
     * @throws ProtocolException when it makes no sense
     */
    static ProxyHeader read(byte[] whole) throws ProtocolException {
        return whole[0] == ProxyLine.START[0] ? ProxyLine.read(whole) : ProxyBlock.read(whole);
    }

    /** As it is sent; nothing where nothing is. */
    public byte[] bytes(ProxyProtocol protocol) {
        return switch (protocol) {
            case OFF -> new byte[0];
            case V1 -> ProxyLine.bytes(route);
            case V2 -> ProxyBlock.bytes(route, NONE);
            case V2_TLV -> ProxyBlock.bytes(route, extensions);
        };
    }
}
