package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.annotated;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.giving;
import static io.littlelb.cli.ClusterWorld.publishing;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.littlelb.core.plan.PublishPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said on a Service, and taken back, on any API server. */
interface StatusesContract {
    @Test
    default void aTypeChangeTakesEverythingBack(ClusterWorld world) throws Exception {
        String before = world.addresses();
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create("web", service -> asks(service, "198.18.0.9"));
        awaitTrue(() -> world.externalIps("web").contains("198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.edit(
                "web",
                service -> new ServiceBuilder(service)
                        .editSpec()
                        .withType("ClusterIP")
                        .withLoadBalancerIP(null)
                        .endSpec()
                        .build());

        awaitTrue(() -> world.addresses().equals(before));
        awaitTrue(() -> world.get("web").getStatus().getConditions().isEmpty());
        awaitTrue(() -> world.externalIps("web").isEmpty());
        awaitTrue(() -> world.get("web").getMetadata().getAnnotations() == null
                || world.get("web").getMetadata().getAnnotations().isEmpty());
    }

    @Test
    default void aCleanStopTakesBackAllButTheAllocation(ClusterWorld world) throws Exception {
        String before = world.addresses();
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");
        awaitTrue(() -> !world.externalIps("web").isEmpty());

        world.loadBalancer.close();

        assertThat(world.addresses()).isEqualTo(before);
        assertThat(world.ingress("web")).isEmpty();
        assertThat(world.externalIps("web")).isEmpty();
        assertThat(world.get("web").getStatus().getConditions()).isEmpty();
        assertThat(world.get("web").getMetadata().getAnnotations())
                .isEqualTo(Map.of("littlelb.io/allocated", "198.18.0.9"));
    }

    @Test
    default void whenAComplaintIsMendedOneEventSaysSo(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "203.0.113.9"));
        awaitTrue(() -> world.reasons("web").equals(List.of("AddressNotInSubnet")));

        world.edit("web", service -> asks(service, "198.18.0.9"));

        world.awaitIngress("web", "198.18.0.9");
        awaitTrue(() -> world.reasons("web").equals(List.of("AddressNotInSubnet", "Served")));
        assertThat(world.events("web"))
                .filteredOn(event -> event.getReason().equals("Served"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getType()).isEqualTo("Normal");
                    assertThat(event.getNote()).contains("serving 198.18.0.9:80");
                });
    }

    /** The API server takes it from anybody who may write statuses; it once took listener and address away. */
    @Test
    default void aStatusThatMakesNoSenseIsNoReasonToServeNobody(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.user
                .services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.9\",\"ports\":[{\"port\":0,\"protocol\":\"foo\"}]}]}}}");

        awaitTrue(() ->
                world.events("web").stream().anyMatch(event -> event.getReason().equals("StatusConflict")));
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        world.user
                .services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"loadBalancer\":null}}");
        awaitTrue(() ->
                !world.get("web").getStatus().getLoadBalancer().getIngress().isEmpty()
                        && world.get("web")
                                        .getStatus()
                                        .getLoadBalancer()
                                        .getIngress()
                                        .get(0)
                                        .getPorts()
                                        .get(0)
                                        .getPort()
                                == 80);
    }

    @Test
    default void aStatusThatSomebodyElseOwnsIsLeftToThem(ClusterWorld world) throws Exception {
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.user
                .services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch("{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.7\"}]}}}");
        world.start();

        awaitTrue(() ->
                world.events("web").stream().anyMatch(event -> event.getReason().equals("StatusConflict")));
        assertThat(world.ingress("web")).containsExactly("203.0.113.7");
        assertThat(world.ask("198.18.0.9", 80)).as("it is served all the same").isEqualTo("web");

        world.user
                .services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch("{\"status\":{\"loadBalancer\":null}}");
        world.awaitIngress("web", "198.18.0.9");
    }

    /** As {@code kubectl get -o yaml}, another name and {@code kubectl apply} make it. */
    @Test
    default void aCopyOfAServiceGetsAStatusThoughSomebodyElseHasOurAnnotation(ClusterWorld world) throws Exception {
        world.start(giving("198.18.0.64-198.18.0.66"));
        world.create("web", service -> service);
        world.awaitIngress("web", "198.18.0.64");
        world.create(
                "copy",
                service -> annotated(
                        service,
                        "littlelb.io/allocated",
                        world.get("web").getMetadata().getAnnotations().get("littlelb.io/allocated")));

        world.awaitIngress("copy", "198.18.0.65");
        awaitConflict(world, "copy", "kubectl annotate service copy -n default littlelb.io/allocated-");
        world.edit(
                "copy",
                service -> new ServiceBuilder(service)
                        .editMetadata()
                        .withAnnotations(null)
                        .endMetadata()
                        .build());

        awaitTrue(() -> Map.of("littlelb.io/allocated", "198.18.0.65")
                .equals(world.get("copy").getMetadata().getAnnotations()));
    }

    /** As charts render it, and tools apply it. */
    @Test
    default void aServiceThatIsAppliedWithEmptyAnnotationsGetsAStatus(ClusterWorld world) throws Exception {
        world.start();
        String chart = """
                {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "default"%s},
                 "spec": {"type": "LoadBalancer", "loadBalancerIP": "198.18.0.9", "ports": [{"name": "http", "port": 80}]}}""";
        apply(world, "web", chart.formatted(", \"annotations\": {}"));

        world.awaitIngress("web", "198.18.0.9");
        awaitConflict(world, "web", "annotations: {}");
        apply(world, "web", chart.formatted(""));

        awaitTrue(() -> Map.of("littlelb.io/allocated", "198.18.0.9")
                .equals(world.get("web").getMetadata().getAnnotations()));
    }

    private static void awaitConflict(ClusterWorld world, String service, String remedy) {
        awaitTrue(() -> world.events(service).stream()
                .anyMatch(event -> event.getReason().equals("StatusConflict")
                        && event.getNote().contains(remedy)));
    }

    /** As it is written: the client library would leave out what is empty. */
    private static void apply(ClusterWorld world, String name, String json) {
        String path = "api/v1/namespaces/default/services/" + name + "?fieldManager=helm";
        HttpClient http = world.user.getHttpClient();
        HttpResponse<String> answer = http.sendAsync(
                        http.newHttpRequestBuilder()
                                .uri(world.user.getMasterUrl() + path)
                                .method("PATCH", "application/apply-patch+yaml", json)
                                .build(),
                        String.class)
                .join();
        assertThat(answer.isSuccessful()).as(answer.body()).isTrue();
    }
}
