package io.littlelb.k8s;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.littlelb.core.model.ServiceStatus;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was tried last on each Service. What was tried on one version is not tried again on the same version, so a refusal costs one request and not one
 * per pass. From any thread.
 */
final class Attempts {
    private final Cache<String, Attempt> attempts = CacheBuilder.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofHours(1))
            .build();

    /** What was tried last, and the versions of the Service on which there is no more to try. */
    private record Attempt(ServiceStatus status, List<String> versions) {}

    /** Whether there is no more to try of it on this version. */
    boolean contains(Service live, ServiceStatus status) {
        Attempt attempt = attempts.getIfPresent(Given.uid(live));
        return attempt != null
                && attempt.status().equals(status)
                && attempt.versions().contains(Given.version(live));
    }

    /** It was tried on this version. */
    void add(Service live, ServiceStatus status) {
        add(Stream.of(live), live, status);
    }

    /** It was tried on one version, which made the other, and nothing is left to do on that either. */
    void add(Service live, Service written, ServiceStatus status) {
        add(Stream.of(live, written), live, status);
    }

    private void add(Stream<Service> versions, Service live, ServiceStatus status) {
        attempts.put(
                Given.uid(live),
                new Attempt(status, versions.map(Given::version).toList()));
    }
}
