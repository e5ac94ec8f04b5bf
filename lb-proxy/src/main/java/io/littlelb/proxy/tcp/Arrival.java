package io.littlelb.proxy.tcp;

import io.littlelb.linux.SockAddr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Who has come, when, and as the how manieth: all that is known of a connection before anything is done for it. There is one of each, so it is small. */
final class Arrival {
    private final int loop;
    private final long number;
    private final byte[] ip;
    private final int port;
    private final long nanos;

    /**
     * @param loop the number of the one that has accepted
     * @param number of all that it has
     * @param nanos when, a time of {@link System#nanoTime}
     */
    Arrival(int loop, long number, SockAddr client, long nanos) {
        this(loop, number, client.inet(), nanos);
    }

    private Arrival(int loop, long number, InetSocketAddress client, long nanos) {
        this.loop = loop;
        this.number = number;
        this.ip = client.getAddress().getAddress();
        this.port = client.getPort();
        this.nanos = nanos;
    }

    /** The same, in whose name another one has come. */
    Arrival onBehalfOf(InetSocketAddress client) {
        return new Arrival(loop, number, client, nanos);
    }

    String id() {
        return loop + "-" + number;
    }

    InetSocketAddress client() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    long nanos() {
        return nanos;
    }
}
