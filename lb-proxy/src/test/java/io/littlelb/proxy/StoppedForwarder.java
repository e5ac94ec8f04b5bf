package io.littlelb.proxy;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The process that {@link StoppedProcessTest} stops: serves one port until its input ends, and says then what it has counted. */
final class StoppedForwarder {
    private StoppedForwarder() {}

    /** Takes the port to listen on and the backend's, both on the loopback link. */
    public static void main(String[] ports) throws IOException {
        InetAddress loopback = InetAddresses.forString("127.0.0.1");
        Backend backend = new Backend(loopback, Integer.parseInt(ports[1]));
        Frontend frontend = new Frontend(loopback, Integer.parseInt(ports[0]), Protocol.TCP);
        ProxyConfig config = ProxyConfig.DEFAULT
                .withConnectTimeout(Duration.ofMillis(900))
                .withIdleTimeout(Duration.ofMillis(2_500))
                .withCheckInterval(Duration.ofMillis(100))
                .with(new LastingConfig(Duration.ofSeconds(1), Duration.ofMinutes(2)));
        try (SpliceForwarder forwarder = SpliceForwarder.open(config)) {
            AtomicInteger ejections = new AtomicInteger();
            forwarder.onChange(ejections::incrementAndGet); // nothing drains: a backend was ejected, or is not any more
            forwarder.set(
                    frontend,
                    new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backend))));
            System.out.println("serves");
            while (System.in.read() >= 0) {
                System.out.println("serves");
            }
            Counters counters = forwarder.counters().values().iterator().next();
            System.out.println(
                    "failed dials " + counters.backends().get(backend).failures() + ", ejections " + ejections + ", "
                            + counters.endings());
        }
    }
}
