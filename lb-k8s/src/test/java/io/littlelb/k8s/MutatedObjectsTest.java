package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.littlelb.core.loop.Reconciler;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Placer;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryForwarder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whatever an object says, or fails to say, over the wire: it costs no more than its own Service, and that comes back once it is mended. The longer form:
 * {@code -Dcluster.mutations=100000}.
 */
class MutatedObjectsTest {
    private static final int MUTATIONS = Integer.getInteger("cluster.mutations", 600);
    private static final int SUBJECTS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ServiceKey WITNESS = new ServiceKey("default", "witness");
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<Logger> NOISE =
            List.of(Logger.getLogger(Readings.class.getName()), Logger.getLogger("io.fabric8.kubernetes"));

    private final long seed = Long.getLong("cluster.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Mutations mutations = new Mutations(random);
    private final Failures failures = new Failures();
    private EmbeddedApiServer server;
    private KubernetesEndpointSource source;
    private Reconciler reconciler;
    private final InMemoryForwarder forwarder = new InMemoryForwarder();
    private int marks;

    @TempDir
    private Path directory;

    /** What is logged as nobody's fault but ours. */
    private static final class Failures extends Handler {
        private final Queue<String> messages = new ConcurrentLinkedQueue<>();

        @Override
        public void publish(LogRecord told) {
            if (told.getLevel().intValue() >= Level.SEVERE.intValue()) {
                messages.add(told.getLoggerName() + ": " + told.getMessage() + " " + told.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start();
        Logger.getLogger("io").addHandler(failures);
        NOISE.forEach(logger -> logger.setLevel(Level.SEVERE));
    }

    @AfterEach
    void stop() {
        NOISE.forEach(logger -> logger.setLevel(null));
        Logger.getLogger("io").removeHandler(failures);
        source.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void aMutatedObjectCostsNoMoreThanItsOwnService(Mode mode) throws IOException {
        System.out.println("seed " + seed + " (-Dcluster.seed)");
        keepService(WITNESS.name(), false);
        keepSlice(WITNESS.name(), false);
        keepNode("witness", false);
        open(mode);
        mend();
        ClusterSnapshot good = settled(mode);
        ServiceSpec witness = good.services().get(WITNESS);
        for (int done = 0; done < MUTATIONS / 2; done += 3 * SUBJECTS) {
            for (int i = 0; i < SUBJECTS; i++) {
                keepService("s" + i, true);
                keepSlice("s" + i, true);
                keepNode("s" + i, true);
            }
            if (random.nextInt(20) == 0) {
                server.faults().expireWatches(); // so that they come in one list
            }
            ClusterSnapshot cluster = settled(mode);

            assertThat(cluster.services().get(WITNESS)).as("seed %s", seed).isEqualTo(witness);
            assertWitnessIsServed(cluster);
            assertNothingIsForgotten(cluster);
            mend();
            ClusterSnapshot mended = settled(mode);
            assertThat(withoutMark(mended.services())).as("seed %s", seed).isEqualTo(withoutMark(good.services()));
            assertThat(withoutMark(mended.backends())).as("seed %s", seed).isEqualTo(withoutMark(good.backends()));
        }
        assertThat(failures.messages).as("seed %s", seed).isEmpty();
    }

    private void assertWitnessIsServed(ClusterSnapshot cluster) {
        reconciler.pass();
        assertThat(cluster.backends().get(WITNESS).values())
                .as("seed %s", seed)
                .singleElement()
                .extracting(PortBackends::ipv4)
                .asString()
                .contains("198.18.1.1");
    }

    /** What cannot be read stays as it was. */
    private void assertNothingIsForgotten(ClusterSnapshot cluster) {
        for (int i = 0; i < SUBJECTS; i++) {
            ServiceKey key = new ServiceKey("default", "s" + i);
            Optional<Service> unreadable = source.service(key)
                    .filter(service -> !WireObjects.isReadable(service)
                            && Given.uid(service).equals("uid-" + key.name()));
            unreadable.ifPresent(service ->
                    assertThat(cluster.services()).as("seed %s", seed).containsKey(key));
        }
    }

    private static <V> Map<ServiceKey, V> withoutMark(Map<ServiceKey, V> all) {
        Map<ServiceKey, V> rest = new HashMap<>(all);
        rest.remove(new ServiceKey("default", "zz-mark"));
        return rest;
    }

    private void mend() {
        for (int i = 0; i < SUBJECTS; i++) {
            keepService("s" + i, false);
            keepSlice("s" + i, false);
            keepNode("s" + i, false);
        }
    }

    /** What is known once all that was said before has been heard: each kind is told of in order, in a list by name, and there this one is the last. */
    private ClusterSnapshot settled(Mode mode) {
        marks++;
        String ip = "10.1." + marks / 250 % 250 + "." + (1 + marks % 250);
        server.keep(
                service("zz-mark"),
                serviceOf("zz-mark").replace("\"port\": 80,", "\"port\": " + (1_000 + marks % 50_000) + ","));
        server.keep(slice("zz-mark"), sliceOf("zz-mark", ip));
        server.keep(
                node("zz-mark"), nodeOf("zz-mark", ip).replace("InternalIP", "ExternalIP")); // and so nobody's backend
        return await().atMost(PATIENCE)
                .alias("seed " + seed)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> source.snapshot().orElse(ClusterSnapshot.EMPTY), cluster -> isMarked(cluster, mode, ip));
    }

    private boolean isMarked(ClusterSnapshot cluster, Mode mode, String ip) {
        ServiceKey mark = new ServiceKey("default", "zz-mark");
        ServiceSpec service = cluster.services().get(mark);
        return service != null
                && service.ports().get(0).port() == 1_000 + marks % 50_000
                && cluster.nodeAddresses().contains(Fixtures.ip(ip))
                && (mode == Mode.NODE_PORT
                        || cluster.backends().get(mark).toString().contains(ip));
    }

    private void open(Mode mode) throws IOException {
        source = KubernetesEndpointSource.open(
                ClusterAccess.open(
                        Optional.of(Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig()))),
                ClusterScope.everything(mode));
        InMemoryAddressManager addresses = new InMemoryAddressManager(new Link(
                "br0", 7, Link.State.UP, List.of(Cidr.parse("198.18.0.1/24").orElseThrow()), Set.of()));
        reconciler = new Reconciler(
                source,
                new Actuators(addresses, forwarder, StatusWriter.NONE),
                () -> Settings.DEFAULT,
                () -> Orders.NONE,
                Placer.ALONE,
                new Desire(PublishPolicy.always(Publish.STATUS)),
                new Planner(),
                InstantSource.system());
    }

    private void keepService(String name, boolean mutated) {
        keep(service(name), serviceOf(name), mutated);
    }

    private void keepSlice(String name, boolean mutated) {
        keep(slice(name), sliceOf(name, "198.18.1.1"), mutated);
    }

    private void keepNode(String name, boolean mutated) {
        keep(node(name), nodeOf(name, name.equals("witness") ? "198.18.1.1" : "198.18.1.2"), mutated);
    }

    private void keep(String path, String json, boolean mutated) {
        ObjectNode good = (ObjectNode) JSON.readTree(json);
        server.keep(path, (mutated ? mutations.of(good) : good).toString());
    }

    private static String service(String name) {
        return "/api/v1/namespaces/default/services/" + name;
    }

    private static String slice(String name) {
        return "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/" + name;
    }

    private static String node(String name) {
        return "/api/v1/nodes/" + name;
    }

    /** As a real API server gives it, with all that there can be in it. */
    private static String serviceOf(String name) {
        return """
                {"kind": "Service", "apiVersion": "v1",
                 "metadata": {"name": "%s", "namespace": "default", "uid": "uid-%s", "creationTimestamp": "2026-01-01T00:00:00Z",
                   "labels": {"app": "web"}, "annotations": {"littlelb.io/allocated": "198.18.0.9", "littlelb.io/balance": "round-robin"},
                   "finalizers": ["example.com/one"], "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "b"}],
                   "managedFields": [{"manager": "littlelb", "operation": "Apply", "apiVersion": "v1", "time": "2026-01-01T00:00:00Z",
                     "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:annotations": {"f:littlelb.io/allocated": {}}}, "f:status": {"f:loadBalancer": {"f:ingress": {}}}}, "subresource": "status"}]},
                 "spec": {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": true, "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"],
                   "externalIPs": ["203.0.113.9"], "externalTrafficPolicy": "Cluster", "internalTrafficPolicy": "Cluster",
                   "healthCheckNodePort": 0, "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "selector": {"app": "web"},
                   "sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}},
                   "loadBalancerIP": "198.18.0.9", "loadBalancerSourceRanges": ["198.18.0.0/15"], "trafficDistribution": "PreferClose",
                   "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "http", "nodePort": 30080, "appProtocol": "http"}]},
                 "status": {"loadBalancer": {"ingress": [{"ip": "198.18.0.9", "ipMode": "Proxy",
                     "ports": [{"port": 80, "protocol": "TCP", "error": "BindFailed"}]}]},
                   "conditions": [{"type": "littlelb.io/Allocated", "status": "True", "reason": "Allocated", "message": "198.18.0.9",
                     "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}""".formatted(name, name);
    }

    private static String sliceOf(String service, String ip) {
        return """
                {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1",
                 "metadata": {"name": "%s", "namespace": "default", "uid": "uid-%s", "generation": 1,
                   "labels": {"kubernetes.io/service-name": "%s", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}},
                 "addressType": "IPv4",
                 "endpoints": [{"addresses": ["%s"], "conditions": {"ready": true, "serving": true, "terminating": false}, "nodeName": "n",
                   "zone": "z", "hostname": "h", "targetRef": {"kind": "Pod", "name": "p", "uid": "u"},
                   "hints": {"forZones": [{"name": "z"}], "forNodes": [{"name": "n"}]}}],
                 "ports": [{"name": "http", "protocol": "TCP", "port": 8080, "appProtocol": null}]}""".formatted(service, service, service, ip);
    }

    private static String nodeOf(String name, String ip) {
        return """
                {"kind": "Node", "apiVersion": "v1",
                 "metadata": {"name": "%s", "uid": "uid-%s", "labels": {"topology.kubernetes.io/zone": "z"}, "annotations": {"a": "b"}},
                 "spec": {"podCIDR": "10.2.0.0/24", "taints": [{"key": "example.com/a", "effect": "NoSchedule", "value": "b"}]},
                 "status": {"addresses": [{"type": "InternalIP", "address": "%s"}, {"type": "Hostname", "address": "n"}],
                   "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}],
                   "allocatable": {"cpu": "2"}, "nodeInfo": {"kubeletVersion": "v1.36.0"}, "images": [{"names": ["x"], "sizeBytes": 1}]}}""".formatted(name, name, ip);
    }
}
