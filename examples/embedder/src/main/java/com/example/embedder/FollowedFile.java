package com.example.embedder;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.file.FileEndpointSource;
import io.littlelb.file.ServicesFileException;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Services from a file, and from then on as it changes: {@code FollowedFile LINK ADDRESS}. */
public final class FollowedFile {
    private FollowedFile() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Files.writeString(Files.createTempFile("services", ".yaml"), "services: nonsense\n");
        try (Greeter backend = new Greeter()) {
            refused(file);
            Files.writeString(file, "services: []\n");
            try (LoadBalancer loadBalancer = LoadBalancer.builder(
                            FileEndpointSource.open(file),
                            RtnetlinkAddressManager.open(arguments[0]),
                            SpliceForwarder.open(ProxyConfig.DEFAULT))
                    .drainTimeout(Duration.ofSeconds(1))
                    .build()) {
                loadBalancer.start();
                Files.writeString(file, services(arguments[1], backend.port()));
                System.out.println("the file says " + Greeter.ask(arguments[1], 8080));
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void refused(Path file) throws Exception {
        try (FileEndpointSource source = FileEndpointSource.open(file)) {
            System.out.println("not refused: " + source);
        } catch (ServicesFileException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }

    private static String services(String address, int port) {
        return """
                services:
                  - name: web
                    address: %s
                    ports: [{port: 8080, backends: ["127.0.0.1:%d"]}]
                """.formatted(address, port);
    }
}
