package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.littlelb.core.model.ServiceKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the client library hands over, with nothing null in it. The API server says null for any list or map that is empty, of which its Go has no other
 * word, and the library leaves null wherever the server says null or nothing. So every field of every object is asked for here, and an absent
 * one is what the API says that it means: an empty list, an empty text.
 */
final class Given {
    private static final ObjectMeta NO_METADATA = new ObjectMeta();

    private Given() {}

    static String text(String given) {
        return given == null ? "" : given;
    }

    /** Without elements that are null. */
    static <T> List<T> list(List<T> given) {
        return given == null
                ? List.of()
                : given.stream().filter(Objects::nonNull).toList();
    }

    /** A value that is null is an empty one, as it is in Go. */
    static Map<String, String> texts(Map<String, String> given) {
        if (given == null) {
            return Map.of();
        }
        Map<String, String> texts = new HashMap<>(given);
        texts.replaceAll((key, value) -> text(value));
        return texts;
    }

    /** A part of an object, or of one that may not be there itself. */
    static <W, P> Optional<P> part(W whole, Function<W, P> part) {
        return Optional.ofNullable(whole).map(part);
    }

    static ObjectMeta metadata(HasMetadata object) {
        return Objects.requireNonNullElse(object.getMetadata(), NO_METADATA);
    }

    static String name(HasMetadata object) {
        return text(metadata(object).getName());
    }

    static String namespace(HasMetadata object) {
        return text(metadata(object).getNamespace());
    }

    static String uid(HasMetadata object) {
        return text(metadata(object).getUid());
    }

    static String version(HasMetadata object) {
        return text(metadata(object).getResourceVersion());
    }

    static Map<String, String> labels(HasMetadata object) {
        return texts(metadata(object).getLabels());
    }

    /** Namespace and name of a Service, or of whatever is called like one. */
    static ServiceKey key(HasMetadata object) {
        return new ServiceKey(namespace(object), name(object));
    }
}
