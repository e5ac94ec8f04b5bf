package io.littlelb.k8s;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;

/** What an API server says when it refuses something. Pure. */
final class Refusals {
    private Refusals() {}

    /** In a sentence: its own if it has answered, else why it could not be asked. */
    static String message(KubernetesClientException failure) {
        boolean answered = failure.getStatus() != null && failure.getStatus().getMessage() != null;
        return answered ? failure.getStatus().getMessage() : ClusterCaches.reason(failure);
    }

    /** Field by field; empty where it names none. */
    static List<StatusCause> causes(KubernetesClientException failure) {
        return Given.part(failure.getStatus(), Status::getDetails)
                .map(details -> Given.list(details.getCauses()))
                .orElse(List.of());
    }

    static String list(List<StatusCause> causes) {
        return causes.stream()
                .map(cause -> cause.getField() + ": " + cause.getMessage())
                .collect(joining("; "));
    }
}
