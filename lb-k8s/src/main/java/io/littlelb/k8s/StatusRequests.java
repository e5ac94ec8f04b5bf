package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceStatus;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is asked of the API server to have a status on a Service: status, conditions and our annotation by one server-side apply to the status, {@code
 * spec.externalIPs} by a merge patch. From any thread, for one Service from one at a time.
 */
final class StatusRequests {
    private static final Logger log = LoggerFactory.getLogger(StatusRequests.class);
    /** The field of all annotations, as causes name it. */
    static final String ANNOTATIONS = ".metadata.annotations";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(ManagedFields.MANAGER)
            .withForce(false)
            .build();
    private static final PatchContext MERGE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(ManagedFields.MANAGER)
            .build();

    private final KubernetesClient client;
    private final Complaints complaints;
    private final InstantSource clock;
    /** Why none are tried any more. */
    private volatile Optional<Problem> externalIpsRefused = Optional.empty();
    /** Server-side apply refuses what it does not know, where other writes would drop it. */
    private volatile boolean ipModeUnknown;

    StatusRequests(KubernetesClient client, Complaints complaints, InstantSource clock) {
        this.client = client;
        this.complaints = complaints;
        this.clock = clock;
    }

    /**
     * Writes the whole of what we say on a Service.
     *
     * @param live as it was last seen
     * @return as it is now; empty when somebody else has changed it meanwhile, and its external IPs are still to be written
     * @throws KubernetesClientException when the API server does not answer, or refuses
     */
    Optional<Service> write(Service live, ServiceStatus status) {
        return mergeExternalIps(apply(live, PublishedStatus.write(live, status, clock.instant())), status);
    }

    /**
     * An annotation of ours that somebody else has on the Service, as a copy of another Service or a map of annotations that is to be empty, must
     * not keep what we say from being said: it is left out, and written once nobody else has it.
     */
    private Service apply(Service live, Service body) {
        try {
            Service written = apply(body);
            complaints.statusIsOurs(live);
            return written;
        } catch (KubernetesClientException refused) {
            List<StatusCause> ofAnnotations = Refusals.causes(refused).stream()
                    .filter(cause -> Given.text(cause.getField()).startsWith(ANNOTATIONS))
                    .toList();
            if (refused.getCode() != 409 || ofAnnotations.isEmpty()) {
                throw refused;
            }
            Service written = apply(new ServiceBuilder(body)
                    .editMetadata()
                    .withAnnotations(null)
                    .endMetadata()
                    .build());
            complaints.annotationIsOthers(live, ofAnnotations);
            return written;
        }
    }

    private Service apply(Service body) {
        try {
            return send(body);
        } catch (KubernetesClientException refused) {
            boolean unknown = Refusals.message(refused).contains("ipMode")
                    && Refusals.message(refused).contains("not declared in schema");
            if (!unknown || ipModeUnknown) {
                throw refused;
            }
            log.info("The API server is older than Kubernetes 1.29: statuses are written without ipMode");
            ipModeUnknown = true;
            return send(body);
        }
    }

    private Service send(Service body) {
        if (ipModeUnknown && body.getStatus() != null && body.getStatus().getLoadBalancer() != null) {
            Given.list(body.getStatus().getLoadBalancer().getIngress()).forEach(ingress -> ingress.setIpMode(null));
        }
        return client.resource(body).subresource("status").patch(APPLY, body);
    }

    /**
     * Adds our entries to {@code spec.externalIPs}, takes out those we had added, and leaves all others alone.
     *
     * @param live as the API server has just answered; the cache is late by the time it takes to hear of our own writes
     * @return empty when somebody else has changed the Service meanwhile
     */
    private Optional<Service> mergeExternalIps(Service live, ServiceStatus status) {
        Set<InetAddress> had = PublishedStatus.read(live, true)
                .map(Published::status)
                .map(said -> Set.copyOf(said.externalIps()))
                .orElse(Set.of());
        Set<InetAddress> wanted = Set.copyOf(status.externalIps());
        boolean settled = had.equals(wanted)
                && Annotations.get(live, Annotations.EXTERNAL_IPS).isEmpty() == wanted.isEmpty();
        if (settled) {
            complaints.externalIpsAreOurs(live);
            return Optional.of(live);
        }
        Optional<Problem> refusal = externalIpsRefused.filter(why -> !wanted.isEmpty());
        if (refusal.isPresent()) {
            complaints.externalIpsAreNotTried(live, refusal.get());
            return Optional.of(live);
        }
        try {
            Service written = client.services()
                    .inNamespace(Given.namespace(live))
                    .withName(Given.name(live))
                    .patch(MERGE, externalIpsPatch(live, had, wanted));
            complaints.externalIpsAreOurs(live);
            return Optional.of(written);
        } catch (KubernetesClientException refused) {
            if (refused.getCode() == 409) {
                log.debug("Service {} has changed meanwhile; its external IPs are for the next pass", Given.key(live));
                return Optional.empty();
            }
            if (refused.getCode() == 403 || refused.getCode() == 422) {
                String message = Refusals.message(refused);
                externalIpsRefused = Optional.of(Complaints.untried(message));
                complaints.externalIpsAreRefused(live, message);
                return Optional.of(live);
            }
            throw refused;
        }
    }

    private String externalIpsPatch(Service live, Set<InetAddress> had, Set<InetAddress> wanted) {
        Set<String> entries = new LinkedHashSet<>(PublishedStatus.externalIps(live));
        had.stream().filter(ip -> !wanted.contains(ip)).map(Addresses::print).forEach(entries::remove);
        List<InetAddress> ordered = wanted.stream().sorted(Addresses.ORDER).toList();
        List<InetAddress> ours = new ArrayList<>(ordered);
        ours.removeIf(ip -> !had.contains(ip) && entries.contains(Addresses.print(ip))); // somebody else's
        ordered.stream().map(Addresses::print).forEach(entries::add);
        Map<String, Object> annotations = new HashMap<>(); // where null takes an annotation away
        annotations.put(Annotations.EXTERNAL_IPS, ours.isEmpty() ? null : PublishedStatus.print(ours));
        return client.getKubernetesSerialization()
                .asJson(Map.of(
                        "metadata",
                        Map.of("resourceVersion", Given.version(live), "annotations", annotations),
                        "spec",
                        Map.of("externalIPs", entries)));
    }
}
