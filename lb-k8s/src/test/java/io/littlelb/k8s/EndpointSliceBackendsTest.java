package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static io.littlelb.k8s.Fixtures.map;
import static io.littlelb.k8s.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.k8s.EndpointSliceBackends.MappedSlice;
import io.littlelb.k8s.EndpointSliceBackends.Place;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointSliceBackendsTest {
    private static final ServicePort HTTP = new ServicePort("http", Protocol.TCP, 80);

    @Test
    void readyOnesOfAllSlicesEachOnItsOwnPort() {
        PortBackends backends = backends(
                slice(8080, endpoint("10.0.0.2", true, false), endpoint("10.0.0.1", null, null)),
                slice(9090, endpoint("10.0.0.3", true, null), endpoint("10.0.0.4", false, false)));

        assertThat(backends.ipv4()).isEqualTo(listed("10.0.0.1", 8080, "10.0.0.2", 8080, "10.0.0.3", 9090));
    }

    @Test
    void withoutAReadyOneThoseThatServeWhileTheyTerminate() {
        EndpointBuilder draining = endpoint("10.0.0.1", false, true);
        EndpointBuilder dead = endpoint("10.0.0.2", false, true);
        dead.editConditions().withServing(false).endConditions();

        assertThat(backends(slice(8080, draining, dead)).ipv4()).isEqualTo(listed("10.0.0.1", 8080));
        assertThat(backends(slice(8080, draining, endpoint("10.0.0.3", true, false)))
                        .ipv4())
                .isEqualTo(listed("10.0.0.3", 8080));
    }

    @Test
    void aFamilyWithoutEndpointsIsServedByTheOther() {
        PortBackends backends = backends(slice(8080, endpoint("2001:db8::1", true, false)));

        assertThat(backends.ipv4()).isEqualTo(listed("2001:db8::1", 8080));
        assertThat(backends.ipv6()).isEqualTo(listed("2001:db8::1", 8080));
    }

    @Test
    void whatMakesNoSenseInASliceSpoilsNothingElse() {
        EndpointSlice slice = new EndpointSliceBuilder(
                        slice(8080, endpoint("not-an-ip", true, false), endpoint("10.0.0.1", true, false)))
                .addNewPort()
                .withName("http")
                .withProtocol("QUIC")
                .withPort(443)
                .endPort()
                .addNewPort()
                .withName("http")
                .withPort(70_000)
                .endPort()
                .addNewPort()
                .withName("http")
                .endPort()
                .build();

        assertThat(backends(slice).ipv4()).isEqualTo(listed("10.0.0.1", 8080));
    }

    @Test
    void portsAreFoundByName() {
        EndpointSlice other = new EndpointSliceBuilder(slice(8080, endpoint("10.0.0.1", true, false)))
                .editFirstPort()
                .withName("admin")
                .endPort()
                .build();

        assertThat(backends(other).problem())
                .hasValueSatisfying(problem -> assertThat(problem.reason()).isEqualTo(Reason.NoBackends));
    }

    @Test
    void anotherServicesSlicesAreNotOurs() {
        EndpointSlice other = new EndpointSliceBuilder(slice(8080, endpoint("10.0.0.1", true, false)))
                .editMetadata()
                .addToLabels("kubernetes.io/service-name", "other")
                .endMetadata()
                .build();

        assertThat(backends(other).ipv4().isEmpty()).isTrue();
    }

    /** The rules of kube-proxy, of which each line is one: hints of two endpoints, where we are, and who is used. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            node a, zone x | node b, zone y | a | x | 1
            node a, zone x | node b, zone y | b | y | 2
            node a, zone x | node b, zone y | c | y | 2
            node a, zone x | node b, zone y | c | z | both
            node a, zone x | node b, zone y |   |   | both
            node a         |                | a |   | both
            zone x         |                | a | x | both
            zone x         | zone x         | a | x | both
            zone x         | zone y         | a | x | 1
            zone y, zone x | zone y         | a | x | 1
            node b, zone x | zone y         | b | y | 2
            """)
    void ofThoseThatAreMeantForSomeplaceTheOnesForHere(
            String first, String second, String node, String zone, String used) {
        EndpointSlice slice = slice(
                8080,
                hinted(endpoint("10.0.0.1", true, false), first),
                hinted(endpoint("10.0.0.2", true, false), second));

        PortBackends backends = backends(new Place(Optional.ofNullable(node), Optional.ofNullable(zone)), slice);

        assertThat(backends.ipv4())
                .isEqualTo(
                        switch (used) {
                            case "1" -> listed("10.0.0.1", 8080);
                            case "2" -> listed("10.0.0.2", 8080);
                            default -> listed("10.0.0.1", 8080, "10.0.0.2", 8080);
                        });
    }

    @Test
    void whoTerminatesIsUsedWhereverItIs() {
        EndpointBuilder far = hinted(endpoint("10.0.0.1", false, true), "zone y");

        assertThat(backends(new Place(Optional.of("a"), Optional.of("x")), slice(8080, far))
                        .ipv4())
                .isEqualTo(listed("10.0.0.1", 8080));
    }

    private static EndpointBuilder hinted(EndpointBuilder endpoint, String hints) {
        if (hints == null) {
            return endpoint;
        }
        endpoint.withNewHints().endHints();
        for (String hint : hints.split(", ", -1)) {
            String name = hint.substring("node ".length());
            if (hint.startsWith("node ")) {
                endpoint.editHints().addNewForNode(name).endHints();
            } else {
                endpoint.editHints().addNewForZone(name).endHints();
            }
        }
        return endpoint;
    }

    private static PortBackends backends(EndpointSlice... slices) {
        return backends(new Place(Optional.empty(), Optional.empty()), slices);
    }

    private static PortBackends backends(Place here, EndpointSlice... slices) {
        return new EndpointSliceBackends(
                        service -> Stream.of(slices)
                                .filter(slice -> MappedSlice.service(slice).equals(service))
                                .map(MappedSlice::of)
                                .toList(),
                        here)
                .of(map(web().build()))
                .get(HTTP);
    }

    private static EndpointSlice slice(int port, EndpointBuilder... endpoints) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web-" + port)
                .addToLabels("kubernetes.io/service-name", "web")
                .endMetadata()
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(port)
                .endPort()
                .withEndpoints(Stream.of(endpoints).map(EndpointBuilder::build).toList())
                .build();
    }

    private static EndpointBuilder endpoint(String ip, Boolean ready, Boolean terminating) {
        return new EndpointBuilder()
                .withAddresses(ip)
                .withNewConditions()
                .withReady(ready)
                .withServing(true)
                .withTerminating(terminating)
                .endConditions();
    }

    private static Backends listed(Object... ipsAndPorts) {
        Stream.Builder<Backend> backends = Stream.builder();
        for (int i = 0; i < ipsAndPorts.length; i += 2) {
            backends.add(new Backend(ip((String) ipsAndPorts[i]), (int) ipsAndPorts[i + 1]));
        }
        return new Backends.Listed(backends.build().toList());
    }
}
