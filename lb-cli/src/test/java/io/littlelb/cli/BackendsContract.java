package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.POD_PORT;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.littlelb.cli.ClusterWorld.Parts;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where connections go to, on any API server. */
interface BackendsContract {
    @Test
    default void withoutAMatchingNodeItSaysSo(ClusterWorld world) throws Exception {
        world.start(new Parts(new ClusterScope(
                ClusterScope.Mode.NODE_PORT,
                io.littlelb.k8s.NodeSelector.parse("role=nobody"),
                ClusterScope.NodeAddressType.InternalIP,
                Set.of(),
                Optional.empty(),
                Optional.empty())));
        world.create("web", service -> asks(service, "198.18.0.9"));

        world.awaitReason("web", "littlelb.io/BackendsAvailable", "NoMatchingNodes");
        assertThat(world.condition("web", "littlelb.io/BackendsAvailable")
                        .orElseThrow()
                        .getMessage())
                .contains("the 1 node")
                .contains("role=nobody");
        awaitTrue(() -> world.addresses().contains("198.18.0.9/32"));
    }

    @Test
    default void withoutANodePortItSaysSo(ClusterWorld world) throws Exception {
        world.start();
        world.create(
                "web",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .withAllocateLoadBalancerNodePorts(false)
                        .editFirstPort()
                        .withNodePort(null)
                        .endPort()
                        .endSpec()
                        .build());

        world.awaitReason("web", "littlelb.io/BackendsAvailable", "NoNodePort");
    }

    @Test
    default void insideTheClusterItServesReadyEndpoints(ClusterWorld world) throws Exception {
        world.startPod(0);
        world.start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitReason("web", "littlelb.io/BackendsAvailable", "NoBackends");

        world.user
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .resource(new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withName("web-1")
                        .addToLabels("kubernetes.io/service-name", "web")
                        .endMetadata()
                        .withAddressType("IPv4")
                        .addNewPort()
                        .withName("http")
                        .withPort(POD_PORT)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewEndpoint()
                        .withAddresses(pod(0))
                        .withNewConditions()
                        .withReady(true)
                        .endConditions()
                        .endEndpoint()
                        .build())
                .create();

        awaitTrue(() -> world.condition("web", "littlelb.io/BackendsAvailable")
                .orElseThrow()
                .getStatus()
                .equals("True"));
        world.awaitIngress("web", "198.18.0.9");
        awaitTrue(() -> world.ask("198.18.0.9", 80).equals("pod " + pod(0)));
    }

    /** What the endpoint slice controller says of a Service whose selector matches no pod once stopped everything. */
    @ParameterizedTest
    @EnumSource
    default void aServiceWithoutPodsCostsTheOthersNothing(ClusterScope.Mode mode, ClusterWorld world) throws Exception {
        Assumptions.assumeTrue(
                mode == ClusterScope.Mode.NODE_PORT || world.cluster.makesSlices(),
                "not run: this cluster has no controller that makes EndpointSlices");
        world.startPod(0);
        world.start(new Parts(ClusterScope.everything(mode)));
        for (int i = 0; i < 20; i++) {
            int port = 8_000 + i;
            world.slice("web-" + i, Set.of(pod(0)));
            world.create("web-" + i, service -> asks(service, "198.18.0." + (100 + port % 100), port));
        }
        world.create("empty", service -> selecting(asks(service, "198.18.0.9"), "nobody"));
        world.create("late", service -> asks(service, "198.18.0.10"));
        world.slice("late", Set.of(pod(0)));

        String expected = mode == ClusterScope.Mode.NODE_PORT ? "late" : "pod " + pod(0);
        world.awaitIngress("late", "198.18.0.10");
        awaitTrue(() -> world.ask("198.18.0.10", 80).equals(expected));
        for (int i = 0; i < 20; i++) {
            world.awaitIngress("web-" + i, "198.18.0." + (100 + i));
        }
        if (mode == ClusterScope.Mode.ENDPOINTS) {
            world.awaitReason("empty", "littlelb.io/BackendsAvailable", "NoBackends");
        }
        world.loadBalancer.close();
        assertThat(world.ingress("late")).isEmpty();
        assertThat(world.addresses()).doesNotContain("198.18.0.10/");
    }

    @Test
    default void endpointsInManySlicesAndMoreThanOnceAreServedOnceEach(ClusterWorld world) throws Exception {
        for (int i = 0; i < 3; i++) {
            world.startPod(i);
        }
        world.slice("web", "web-a", List.of(pod(0), pod(1)));
        world.slice("web", "web-b", List.of(pod(1), pod(2)));
        world.start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(world.ask("198.18.0.9", 80));
        }

        assertThat(answers)
                .containsExactlyInAnyOrder(
                        "pod " + pod(0),
                        "pod " + pod(0),
                        "pod " + pod(1),
                        "pod " + pod(1),
                        "pod " + pod(2),
                        "pod " + pod(2));
    }

    /** Each pod takes no more connections as soon as its endpoint is gone; a real one goes on accepting for a while, which only makes it easier. */
    @Test
    default void aRollingUpdateDisturbsNoNewConnection(ClusterWorld world) throws Exception {
        Map<String, TcpServer> pods = new LinkedHashMap<>();
        for (int i = 0; i < 3; i++) {
            pods.put(pod(i), world.startPod(i));
        }
        world.slice("web", pods.keySet());
        world.start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");
        AtomicBoolean over = new AtomicBoolean();
        Queue<String> answers = new ConcurrentLinkedQueue<>();
        Thread clients = world.network.call(() -> {
            Thread thread = new Thread(() -> {
                while (!over.get()) {
                    answers.add(outcome());
                }
            });
            thread.start();
            return thread;
        });

        for (int i = 3; i < 9; i++) {
            String coming = pod(i);
            pods.put(coming, world.startPod(i));
            world.slice("web", pods.keySet());
            awaitTrue(() -> answers.contains("pod " + coming));
            String going = pods.keySet().iterator().next();
            TcpServer gone = pods.remove(going);
            world.slice("web", pods.keySet());
            gone.stopAccepting();
            int before = answers.size();
            awaitTrue(() -> answers.size() > before + 100);
        }
        over.set(true);
        clients.join();

        List<String> failed =
                answers.stream().filter(answer -> !answer.startsWith("pod ")).toList();
        assertThat(answers).hasSizeGreaterThan(600);
        assertThat(failed).as("of %s connections", answers.size()).isEmpty();
    }

    @Test
    default void aSliceThatNamesAPortOfTheHostsProgramsIsNotDialledAndThatIsSaid(ClusterWorld world) throws Exception {
        AtomicBoolean dialled = new AtomicBoolean();
        world.opened(world.network.call(() -> TcpServer.start(InetAddresses.forString("198.18.0.1"), 10_250, client -> {
            dialled.set(true);
        })));
        world.slice("web", "attack", List.of("198.18.0.1"), 10_250);
        world.start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        world.create("web", service -> asks(service, "198.18.0.9"));

        world.awaitReason("web", "littlelb.io/BackendsAvailable", "BackendNotAllowed");
        awaitTrue(() -> world.reasons("web").contains("BackendNotAllowed"));
        assertThat(dialled).isFalse();
    }

    private static Service selecting(Service service, String app) {
        return new ServiceBuilder(service)
                .editSpec()
                .addToSelector("app", app)
                .endSpec()
                .build();
    }

    private static String outcome() {
        try {
            return Traffic.ask("198.18.0.9", 80);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
