package io.littlelb.admin.http;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** An address and port of this host. Everybody who reaches it may ask. */
record TcpPlace(InetSocketAddress address) implements Door.Place {
    @Override
    public String kind() {
        return "tcp";
    }

    @Override
    public ServerSocketChannel open(int backlog) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address, backlog);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public boolean admits(SocketChannel peer) {
        return true;
    }

    @Override
    public String remedy() {
        return "--metrics-address names another one, or is off";
    }

    /** Whether a Host header says an address, or what always is this host; an old client says none. */
    static boolean isNoName(String host) {
        if (host.isEmpty() || host.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            String name = HostAndPort.fromString(host).getHost();
            return name.equalsIgnoreCase("localhost") || InetAddresses.isInetAddress(name);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "http://" + InetAddresses.toUriString(address.getAddress()) + ":" + address.getPort();
    }
}
