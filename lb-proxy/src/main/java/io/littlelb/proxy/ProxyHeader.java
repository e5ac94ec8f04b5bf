package io.littlelb.proxy;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.ProxyProtocol;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a backend is told before a connection's first byte: the PROXY protocol of HAProxy's doc/proxy-protocol.txt. */
final class ProxyHeader {
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10};
    /** Version 2, and the command PROXY: on behalf of another host. */
    private static final byte VERSION_AND_COMMAND = 0x21;

    private static final byte TCP_OVER_IPV4 = 0x11;
    private static final byte TCP_OVER_IPV6 = 0x21;
    private static final int PORTS_BYTES = 2 * Short.BYTES;

    private ProxyHeader() {}

    /** The header for a client that came to a frontend; empty when none is sent. */
    static byte[] of(ProxyProtocol protocol, InetAddress client, int clientPort, Frontend frontend) {
        return switch (protocol) {
            case OFF -> new byte[0];
            case V1 -> v1(client, clientPort, frontend);
            case V2 -> v2(client, clientPort, frontend);
        };
    }

    private static byte[] v1(InetAddress client, int clientPort, Frontend frontend) {
        String family = Family.of(client) == Family.IPV4 ? "TCP4" : "TCP6";
        String line = String.join(
                " ",
                "PROXY",
                family,
                Addresses.print(client),
                Addresses.print(frontend.ip()),
                Integer.toString(clientPort),
                Integer.toString(frontend.port()));
        return (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] v2(InetAddress client, int clientPort, Frontend frontend) {
        byte[] from = client.getAddress();
        byte[] to = frontend.ip().getAddress();
        int length = from.length + to.length + PORTS_BYTES;
        return ByteBuffer.allocate(SIGNATURE.length + 2 + Short.BYTES + length)
                .put(SIGNATURE)
                .put(VERSION_AND_COMMAND)
                .put(Family.of(client) == Family.IPV4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6)
                .putShort((short) length)
                .put(from)
                .put(to)
                .putShort((short) clientPort)
                .putShort((short) frontend.port())
                .array();
    }
}
