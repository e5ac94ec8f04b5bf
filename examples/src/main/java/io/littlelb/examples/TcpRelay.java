package io.littlelb.examples;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** Relays 127.0.0.1:8080 to 127.0.0.1:9001 until a key is pressed: {@code ./lb example TcpRelay}. */
public final class TcpRelay {
    private TcpRelay() {}

    public static void main(String[] arguments) throws IOException {
        InetAddress loopback = Addresses.parse("127.0.0.1").orElseThrow();
        Frontend frontend = new Frontend(loopback, 8080, Protocol.TCP);
        Backends backends = new Backends.Listed(List.of(new Backend(loopback, 9001)));

        try (SpliceForwarder forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT)) {
            forwarder.set(frontend, new FrontendConfig(new ServiceKey("example", "relay"), backends));
            System.out.println("Relaying " + frontend + " to " + backends + "; press Enter to stop");
            int key = System.in.read();
            System.out.println(key < 0 ? "No more input; stopping" : "Stopping");
        }
    }
}
