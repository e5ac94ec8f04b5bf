package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.littlelb.core.model.Policy;
import java.util.List;
import java.util.Map;

/** The annotations on Services that we read and write, and the names under which other load balancers know them. */
final class Annotations {
    /** Ours: the addresses a Service holds, so that a restart gives it the same ones. */
    static final String ALLOCATED = "littlelb.io/allocated";
    /** Ours: which entries of {@code spec.externalIPs} we added. */
    static final String EXTERNAL_IPS = "littlelb.io/external-ips";
    /** A user's: the pool that an address is to come from. */
    static final String POOL = "littlelb.io/pool";

    /** A user's, of the API itself: as {@code spec.loadBalancerSourceRanges}, where that is empty; separated by commas. */
    static final String SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private static final List<String> ADDRESSES =
            List.of("littlelb.io/addresses", "metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs");
    private static final List<String> SHARING =
            List.of("littlelb.io/allow-shared-ip", "metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip");

    private Annotations() {}

    /** A user's: the addresses asked for; empty when none are. */
    static String addresses(HasMetadata object) {
        return first(object, ADDRESSES);
    }

    /** A user's: Services with equal keys may share an address; empty when there is none. */
    static String sharingKey(HasMetadata object) {
        return first(object, SHARING);
    }

    /** A user's: what is to hold for the traffic of the Service. */
    static String of(Policy policy) {
        return "littlelb.io/" + policy.text();
    }

    /** The value of one annotation; empty when it is not set. */
    static String get(HasMetadata object, String key) {
        Map<String, String> annotations = Given.metadata(object).getAnnotations();
        return annotations == null ? "" : Given.text(annotations.get(key));
    }

    private static String first(HasMetadata object, List<String> keys) {
        return keys.stream()
                .map(key -> get(object, key))
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElse("");
    }
}
