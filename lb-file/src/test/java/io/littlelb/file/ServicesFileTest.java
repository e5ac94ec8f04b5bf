package io.littlelb.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Balance;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServicesFileTest {
    @Test
    void readsServicesWithTheirBackends() throws ServicesFileException {
        ClusterSnapshot cluster = ServicesFile.parse("""
                services:
                  - name: web
                    namespace: shop
                    address: [198.18.0.9, "2001:db8::9"]
                    loadBalancerSourceRanges: [198.18.0.0/24]
                    balance: client-ip
                    max-connections: 100
                    ports:
                      - {port: 80, protocol: TCP, backends: ["198.18.0.21:8080", "[2001:db8::2]:8080"]}
                      - {name: dns, port: 53, protocol: UDP, backends: []}
                  - {name: any, pool: public, ports: [{port: 80, backends: []}]}
                  - name: plain
                    ports: [{port: 443, backends: ["198.18.0.22:8443"]}]
                """);
        ServiceSpec web = cluster.services().get(new ServiceKey("shop", "web"));
        assertThat(web.request()).isEqualTo(AddressRequest.parse("", "198.18.0.9,2001:db8::9"));
        assertThat(web.policies().traffic().balance()).isEqualTo(Balance.CLIENT_IP);
        assertThat(web.policies().traffic().maxConnections()).hasValue(100);
        assertThat(web.policies().traffic().sourceRanges()).hasToString("[198.18.0.0/24]");
        assertThat(web.ports())
                .containsExactly(new ServicePort("", Protocol.TCP, 80), new ServicePort("dns", Protocol.UDP, 53));
        assertThat(cluster.backends(web.key(), web.ports().get(0)).of(Family.IPV4))
                .hasToString("[198.18.0.21:8080, [2001:db8::2]:8080]");
        ServiceSpec plain = cluster.services().get(new ServiceKey("default", "plain"));
        assertThat(cluster.services().get(new ServiceKey("default", "any")).request())
                .isEqualTo(AddressRequest.ofPool("public"));
        assertThat(plain.request()).isEqualTo(AddressRequest.none());
        assertThat(plain.createdAt()).as("the upper one is the older one").isAfter(web.createdAt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "services: [ | line 1",
                "'' | there is nothing here; write services: and a list",
                "servces: [] | servces: unknown key; allowed are services",
                "services: 5 | services: expected a list",
                "services: [{ports: [{port: 80}]}] | services[0]: needs a name",
                "services: [{name: a}] | services[0].ports: expected a list",
                "services: [{name: a, ports: []}] | services[0]: a Service needs at least one of ports",
                "services: [{name: a, ports: [{port: 0}]}] | services[0].ports[0].port: \"0\" is not in 1..65535",
                "services: [{name: a, ports: [{port: 65536}]}] | services[0].ports[0].port: \"65536\" is not in 1..65535",
                "services: [{name: a, ports: [{port: 80, protocol: tcp}]}] | services[0].ports[0].protocol: \"tcp\" is none",
                "services: [{name: a, ports: [{port: 80, backend: x}]}] | services[0].ports[0].backend: unknown key",
                "services: [{name: a, ports: [{port: 80, backends: ['web:80']}]}] | services[0].ports[0].backends: \"web:80\"",
                "services: [{name: a, ports: [{port: 80, backends: ['198.18.0.1']}]}] | is not ADDRESS:PORT",
                "services: [{name: a, ports: [{port: 80}, {port: 80}]}] | services[0].ports[1]: port 80/TCP is there twice",
                "services: [{name: a, address: nope, ports: [{port: 80}]}] | services[0].address: \"nope\" is not an IP address",
                "services: [{name: a, address: 198.18.0.9, pool: b, ports: [{port: 80}]}] | services[0].pool: an address is asked for",
                "services: [{name: a, address: {}, ports: [{port: 80}]}] | services[0].address: expected a value",
                "services: [{name: a, loadBalancerSourceRanges: [x], ports: [{port: 80}]}] | \"x\" is not ADDRESS/LENGTH",
                "services: [{name: a, ports: [{port: 80}]}, {name: a, ports: [{port: 81}]}] | two Services default/a",
            })
    void saysWhatIsWrongAndWhere(String yaml, String complaint) {
        assertThatThrownBy(() -> ServicesFile.parse(yaml))
                .isInstanceOf(ServicesFileException.class)
                .hasMessageContaining(complaint);
    }
}
