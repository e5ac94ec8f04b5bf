package io.littlelb.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Many ports are told of in few lines, and none wrongly. */
final class PortFindingsTest {
    @Test
    void portsThatStandAlikeOnTheSameAddressesAreOneFinding() {
        ServicePort https = new ServicePort("https", Protocol.TCP, 443);
        ServicePort admin = new ServicePort("admin", Protocol.TCP, 9000);
        ServiceWorld world =
                new ServiceWorld().asking("198.18.0.9,2001:db8::9", "").ports(Fixtures.HTTP, https, admin);
        List.of("198.18.0.9", "2001:db8::9").forEach(ip -> world.open(ip, 80).open(ip, 443));
        world.open("198.18.0.9", 9000);

        assertThat(ports(world.explain()))
                .containsExactly(
                        "ports 80, 443 open on 198.18.0.9, 2001:db8::9",
                        "port 9000 open on 198.18.0.9",
                        "port 9000 to be opened on 2001:db8::9, once the address is there");
    }

    @Test
    void aPortIsClosedForALackOfBackendsOrForTheServiceIsDrained() {
        ServiceWorld closed = new ServiceWorld().frontend(ServiceWorld.FRONTEND, FrontendStatus.State.REFUSING);

        assertThat(ports(closed.explain()))
                .containsExactly("port 80 closed on 198.18.0.9 as long as nobody is to be dialled");
        assertThat(ports(closed.drained().explain()))
                .containsExactly("port 80 closed on 198.18.0.9, for the Service is drained");
        assertThat(ports(new ServiceWorld().drained().explainNew()))
                .containsExactly("port 80 closed on 198.18.0.9, for the Service is drained");
    }

    @Test
    void theBackendsOfAPortAreToldByFamilyOnlyWhereTheyDiffer() {
        Backends one = new Backends.Listed(List.of(new Backend(Fixtures.ip("198.18.0.21"), 8080)));
        Backends two = new Backends.Listed(
                List.of(new Backend(Fixtures.ip("198.18.0.21"), 8080), new Backend(Fixtures.ip("2001:db8::2"), 8080)));
        ServiceWorld world = new ServiceWorld().asking("198.18.0.9,2001:db8::9", "");

        assertThat(texts(world.backends(PortBackends.ofBoth(one)).explain(), Topic.BACKENDS))
                .containsExactly("port 80/TCP has 1 backend: [198.18.0.21:8080]");
        assertThat(texts(
                        world.backends(new PortBackends(one, two, Optional.empty()))
                                .explain(),
                        Topic.BACKENDS))
                .containsExactly(
                        "port 80/TCP over IPv4 has 1 backend: [198.18.0.21:8080]",
                        "port 80/TCP over IPv6 has 2 backends: [198.18.0.21:8080, [2001:db8::2]:8080]");
    }

    private static List<String> ports(Explanation explanation) {
        return texts(explanation, Topic.PORTS);
    }

    private static List<String> texts(Explanation explanation, Topic topic) {
        return explanation.findings().stream()
                .filter(finding -> finding.topic() == topic)
                .map(Finding::text)
                .toList();
    }
}
