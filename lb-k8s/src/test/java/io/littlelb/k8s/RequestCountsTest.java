package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.ApiRequest;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestCountsTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/services?resourceVersion=0, list, services",
        "GET, /api/v1/services?watch=true&resourceVersion=7, watch, services",
        "GET, /api/v1/namespaces/a/services, list, services",
        "GET, /api/v1/namespaces/a/services/web, get, services",
        "PATCH, /api/v1/namespaces/a/services/web/status?force=false, patch, services/status",
        "PATCH, /api/v1/namespaces/a/services/web, patch, services",
        "GET, /k8s/clusters/c-1/api/v1/nodes, list, nodes",
        "GET, /api/v1/namespaces/a, get, namespaces",
        "GET, /apis/discovery.k8s.io/v1/endpointslices?watch=true, watch, endpointslices",
        "POST, /apis/events.k8s.io/v1/namespaces/a/events, create, events",
        "POST, /apis/authorization.k8s.io/v1/selfsubjectaccessreviews, create, selfsubjectaccessreviews",
        "GET, /version, get, version",
        "GET, /k8s/clusters/c-1/version, get, version",
        "GET, /apis/discovery.k8s.io/v1/namespaces/api/endpointslices, list, endpointslices",
        "POST, /apis/events.k8s.io/v1/namespaces/api/events, create, events",
        "GET, /api/v1/namespaces/apis/services, list, services",
        "GET, /api/v1/namespaces/a/services/version, get, services",
        "GET, /api/v1/namespaces/version, get, namespaces",
        "GET, /apis/coordination.k8s.io/v1/namespaces/version/leases/api, get, leases",
        "GET, /api/v1/namespaces/a/secrets/web, get, other",
        "GET, /api/v1/namespaces/a/services/web/proxy/x, get, other",
        "GET, /anything/else, other, other",
        "GET, /, other, other",
        "GET, /api, other, other",
        "BREW, /api/v1/services, other, services",
    })
    void everyRequestIsOneOfAFewKinds(String method, String uri, String verb, String resource) {
        assertThat(RequestCounts.kind(method, URI.create("https://198.18.0.2:6443" + uri), "200"))
                .isEqualTo(new ApiRequest(verb, resource, "200"));
    }

    @Test
    void thoseOfAClientAreCountedWithTheirAnswersAndThoseWithoutOne(@TempDir Path directory) throws Exception {
        EmbeddedApiServer server = EmbeddedApiServer.start();
        try {
            Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
            KubernetesClient client = ClusterAccess.open(Optional.of(kubeconfig));
            try (KubernetesEndpointSource source =
                    KubernetesEndpointSource.open(client, ClusterScope.everything(Mode.NODE_PORT))) {
                await().until(source::hasSynced);
                await().until(() -> source.requests().containsKey(new ApiRequest("watch", "services", "200")));
                Map<ApiRequest, Long> before = source.requests();
                assertThat(before.get(new ApiRequest("list", "services", "200")))
                        .isPositive();
                assertThat(before.get(new ApiRequest("list", "nodes", "200"))).isPositive();

                Service absent = client.services()
                        .inNamespace("default")
                        .withName("absent")
                        .get();
                assertThat(absent).isNull();
                assertThat(source.requests()).containsEntry(new ApiRequest("get", "services", "404"), 1L);

                server.close();
                await().until(() -> source.requests().keySet().stream()
                        .anyMatch(request -> request.result().equals("none")));
            }
        } finally {
            server.close();
        }
    }
}
