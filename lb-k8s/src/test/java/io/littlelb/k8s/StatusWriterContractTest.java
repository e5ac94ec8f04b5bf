package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.apiserver.Request;
import io.littlelb.testkit.contract.StatusWriterContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The writer of statuses to a cluster keeps the contract. */
class StatusWriterContractTest extends StatusWriterContract {
    private WriterWorld world;
    private EmbeddedApiServer server;
    private KubernetesEndpointSource source;
    private ServiceStatusWriter writer;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws IOException {
        world = WriterWorld.start(directory, WEB, OTHER);
        server = world.server();
        source = world.source();
        writer = world.writer();
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Override
    protected StatusWriter writer() {
        return writer;
    }

    @Override
    protected EndpointSource source() {
        return source;
    }

    @Override
    protected String uid(ServiceKey key) {
        return Given.uid(source.service(key).orElseThrow());
    }

    @Test
    void nothingIsWrittenAfterTheClose() {
        writer.close();
        writer.close();

        writer.write(
                WEB,
                uid(WEB),
                new ServiceStatus(
                        List.of(),
                        List.of(),
                        List.of(Held.exclusive(InetAddresses.forString("198.18.0.9"))),
                        List.of()));
        writer.forget(WEB, uid(WEB));

        await().during(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(server.requests())
                        .filteredOn(Request::isWrite)
                        .as("the two Services, by their user")
                        .hasSize(2));
    }
}
