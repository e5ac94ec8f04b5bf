package io.littlelb.k8s;

import com.google.common.base.Splitter;
import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Policy;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.TrafficPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a Service says about its traffic: in fields of the API and in annotations. Pure. */
final class ServicePolicies {
    private static final Splitter LIST = Splitter.on(',');
    private static final int DEFAULT_AFFINITY_SECONDS = 10_800;

    private ServicePolicies() {}

    /** A value that cannot be honoured and that security asks for closes the ports: to serve more people than wished would be worse. */
    static Policies read(Service service) {
        List<Cidr> ranges = new ArrayList<>();
        for (String text : sourceRanges(service)) {
            Optional<Cidr> range = Cidr.parse(text.strip());
            if (range.isEmpty()) {
                return closed(
                        (isAnnotatedWithRanges(service) ? Annotations.SOURCE_RANGES : "spec.loadBalancerSourceRanges")
                                + ": \"" + text + "\" is no network; write one such as 192.0.2.0/24 or 2001:db8::/32");
            }
            ranges.add(range.get());
        }
        Policy.Reading reading = Policy.read(annotated(service));
        TrafficPolicy traffic = reading.traffic().withSourceRanges(ranges);
        return reading.refused().stream()
                .filter(refused -> refused.policy().isOfSecurity())
                .findFirst()
                .map(refused -> closed(why(refused)))
                .orElseGet(() -> new Policies(
                        affinity(service).map(traffic::withAffinity).orElse(traffic),
                        Optional.empty(),
                        ignored(reading)));
    }

    private static Iterable<String> sourceRanges(Service service) {
        return isAnnotatedWithRanges(service)
                ? LIST.split(Annotations.get(service, Annotations.SOURCE_RANGES).strip())
                : fieldOfRanges(service);
    }

    /** Where the field is empty. */
    private static boolean isAnnotatedWithRanges(Service service) {
        return fieldOfRanges(service).isEmpty()
                && !Annotations.get(service, Annotations.SOURCE_RANGES).isBlank();
    }

    private static List<String> fieldOfRanges(Service service) {
        return Given.list(Given.part(service.getSpec(), ServiceSpec::getLoadBalancerSourceRanges)
                .orElse(List.of()));
    }

    private static Map<Policy, String> annotated(Service service) {
        Map<Policy, String> texts = new EnumMap<>(Policy.class);
        for (Policy policy : Policy.values()) {
            String text = Annotations.get(service, Annotations.of(policy)).strip();
            if (!text.isEmpty()) {
                texts.put(policy, text);
            }
        }
        return texts;
    }

    private static List<Problem> ignored(Policy.Reading reading) {
        return reading.refused().stream()
                .map(refused -> new Problem(Reason.InvalidAnnotation, why(refused) + "; the default holds"))
                .toList();
    }

    private static String why(Policy.Refused refused) {
        return Annotations.of(refused.policy()) + ": " + refused.why();
    }

    private static Policies closed(String why) {
        return Policies.closed(new Problem(Reason.InvalidAnnotation, why));
    }

    /** {@code spec.sessionAffinity} and its timeout, for which the API server has a default of three hours. */
    private static Optional<Duration> affinity(Service service) {
        Optional<ServiceSpec> byClient =
                Optional.of(service.getSpec()).filter(spec -> "ClientIP".equals(spec.getSessionAffinity()));
        return byClient.map(spec -> Optional.ofNullable(spec.getSessionAffinityConfig())
                        .map(SessionAffinityConfig::getClientIP)
                        .map(ClientIPConfig::getTimeoutSeconds)
                        .orElse(DEFAULT_AFFINITY_SECONDS))
                .map(ServicePolicies::seconds);
    }

    private static Duration seconds(int timeout) {
        if (timeout < 0) {
            throw new UnreadableException("spec.sessionAffinityConfig.clientIP.timeoutSeconds is " + timeout);
        }
        return Duration.ofSeconds(timeout);
    }
}
