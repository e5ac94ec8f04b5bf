package com.example.embedder;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.util.List;

/** The data path without anything else: a port of this host that leads to a backend. */
public final class ForwarderAlone {
    private ForwarderAlone() {}

    public static void main(String[] arguments) throws Exception {
        try (Greeter backend = new Greeter();
                SpliceForwarder forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT)) {
            Frontend frontend = new Frontend(Addresses.parse("127.0.0.1").orElseThrow(), 18080, Protocol.TCP);
            Backends backends = new Backends.Listed(
                    List.of(Backend.parse("127.0.0.1:" + backend.port()).orElseThrow()));
            forwarder.set(frontend, new FrontendConfig(new ServiceKey("example", "relay"), backends));
            System.out.println("the forwarder says " + Greeter.ask("127.0.0.1", 18080));
        }
    }
}
