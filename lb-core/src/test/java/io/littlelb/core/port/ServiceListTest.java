package io.littlelb.core.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServedService;
import io.littlelb.core.model.ServiceBuilder;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceListTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServicePort HTTP = new ServicePort("", Protocol.TCP, 8080);

    @Test
    void aServiceIsDescribedInThreeLines() {
        EndpointSource source = EndpointSource.fixed(ServiceSpec.named("default/web")
                .address("198.18.0.9", "2001:db8::9")
                .tcp(8080, "198.18.0.21:9001", "[2001:db8::21]:9001")
                .build());

        ClusterSnapshot cluster = source.snapshot().orElseThrow();
        ServiceSpec web = cluster.services().get(WEB);
        assertThat(web.request())
                .isEqualTo(new AddressRequest.Literal(List.of(
                        Addresses.parse("198.18.0.9").orElseThrow(),
                        Addresses.parse("2001:db8::9").orElseThrow())));
        assertThat(web.ports()).containsExactly(HTTP);
        PortBackends backends = cluster.backends(WEB, HTTP);
        for (Family family : Family.values()) {
            assertThat(backends.of(family).size()).isEqualTo(2);
            assertThat(backends.of(family).at(0)).hasToString("198.18.0.21:9001");
            assertThat(backends.of(family).at(1)).hasToString("[2001:db8::21]:9001");
        }
    }

    @Test
    void whatChangesIsToldAndWhatDoesNotIsTheSame() {
        ServiceList list = new ServiceList();
        AtomicInteger told = new AtomicInteger();
        list.put(web("198.18.0.9"));
        list.put(ServiceSpec.named("default/other").tcp(81).build());
        ClusterSnapshot before = list.snapshot().orElseThrow();
        list.onChange(told::incrementAndGet);

        list.put(web("198.18.0.10"));

        ClusterSnapshot after = list.snapshot().orElseThrow();
        ServiceKey other = new ServiceKey("default", "other");
        assertThat(told).hasValue(1);
        assertThat(after.services().get(WEB)).isNotEqualTo(before.services().get(WEB));
        assertThat(after.services().get(other)).isSameAs(before.services().get(other));

        list.remove(WEB);

        assertThat(told).hasValue(2);
        assertThat(list.snapshot().orElseThrow().services()).containsOnlyKeys(other);
    }

    @Test
    void theListenerMayPutOneItself() {
        ServiceList list = new ServiceList();
        list.onChange(() -> {
            if (list.snapshot().orElseThrow().services().size() == 1) {
                list.put(ServiceSpec.named("default/other").tcp(81).build());
            }
        });

        list.put(web("198.18.0.9"));

        assertThat(list.snapshot().orElseThrow().services()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "/web", "default/", "a/b/c", ""})
    void aNameHasANamespace(String name) {
        assertThatThrownBy(() -> ServiceSpec.named(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NAMESPACE/NAME");
    }

    @Test
    void whatMakesNoSenseIsSaidWhereItIsWritten() {
        ServiceBuilder web = ServiceSpec.named("default/web").tcp(80, "198.18.0.21:8080");

        assertThatThrownBy(() -> web.address("localhost")).hasMessageContaining("\"localhost\" is not an IP address");
        assertThatThrownBy(() -> web.tcp(81, "198.18.0.21")).hasMessageContaining("ADDRESS:PORT");
        assertThatThrownBy(() -> web.tcp(80)).hasMessageContaining("port 80/TCP is there twice");
        assertThatThrownBy(() -> web.tcp(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(web.build().spec().ports()).as("nothing is half-applied").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "198.18.0.21",
                "198.18.0.21:0",
                "198.18.0.21:70000",
                "2001:db8::2:80",
                "web:80",
                ":80",
                "1.2.3:80",
                " 198.18.0.21:80"
            })
    void aBackendIsALiteralWithAPort(String text) {
        assertThat(Backend.parse(text)).isEmpty();
    }

    private static ServedService web(String address) {
        return ServiceSpec.named("default/web")
                .address(address)
                .tcp(8080, "198.18.0.21:9001")
                .build();
    }
}
