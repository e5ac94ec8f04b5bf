package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.RateLimiter;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.littlelb.k8s.WishQueue.Wish;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Grants one wish: compares it with the Service in the cache, writes the difference, says what is new, and knows what to do when the API server does not
 * take it. From any thread, for one Service from one at a time.
 */
final class Granting {
    private static final Logger log = LoggerFactory.getLogger(ServiceStatusWriter.class);
    /** Ten thousand Services are told of in a minute. What is taken back is taken back at once: a clean stop has little time. */
    private static final double MOST_PER_SECOND = 200;

    private final KubernetesEndpointSource source;
    private final WishQueue wishes;
    private final StatusRequests requests;
    private final Complaints complaints;
    private final Attempts attempts = new Attempts();
    private final RateLimiter limit = RateLimiter.create(MOST_PER_SECOND);

    Granting(KubernetesEndpointSource source, WishQueue wishes, StatusRequests requests, Complaints complaints) {
        this.source = requireNonNull(source, "source");
        this.wishes = requireNonNull(wishes, "wishes");
        this.requests = requireNonNull(requests, "requests");
        this.complaints = requireNonNull(complaints, "complaints");
    }

    /** Writes what is wished for, if the Service is there and there is something to try; never fails. */
    void grant(Wish wish) {
        Optional<Service> live = source.service(wish.key())
                .filter(service -> Given.uid(service).equals(wish.uid()))
                .filter(service -> !attempts.contains(service, wish.status()));
        if (live.isEmpty()) {
            return;
        }
        if (!wish.takesBack()) {
            limit.acquire();
        }
        try {
            grant(wish, live.get());
        } catch (KubernetesClientException failure) {
            failed(wish, live.get(), failure);
        } catch (RuntimeException bug) {
            log.error("Writing the status of Service {} was abandoned because of a bug in Little LB", wish.key(), bug);
            attempts.add(live.get(), wish.status());
        }
    }

    private void grant(Wish wish, Service live) {
        Optional<Service> merged = requests.write(live, wish.status());
        source.server().heard();
        // After a conflict the version that was written is not done with: once the cache shows it, there is more to do.
        merged.ifPresentOrElse(
                written -> attempts.add(live, written, wish.status()), () -> attempts.add(live, wish.status()));
        wishes.granted(wish);
        complaints.tellOfWhatIsNew(live, wish.status());
    }

    private void failed(Wish wish, Service live, KubernetesClientException failure) {
        if (failure.getCode() == 0) { // which is no answer
            source.server().failed();
        }
        switch (failure.getCode()) {
            case 404 -> attempts.add(live, wish.status()); // deleted meanwhile
            case 409 -> {
                attempts.add(live, wish.status());
                warnOfConflict(live, failure);
            }
            case 422 -> {
                attempts.add(live, wish.status());
                log.warn("The status of Service {} was refused: {}", wish.key(), Refusals.message(failure));
            }
            default -> retryLater(wish, failure);
        }
    }

    private void warnOfConflict(Service live, KubernetesClientException failure) {
        List<StatusCause> causes = Refusals.causes(failure);
        if (causes.isEmpty()) {
            log.debug("Service {} has changed meanwhile: {}", Given.key(live), failure.getMessage());
        } else {
            complaints.statusIsOthers(live, causes);
        }
    }

    private void retryLater(Wish wish, KubernetesClientException failure) {
        wishes.failed(wish)
                .ifPresent(pause -> log.warn(
                        "Could not write the status of Service {}: {}; trying again in {} s",
                        wish.key(),
                        Refusals.message(failure),
                        pause.toSeconds()));
    }
}
