package io.littlelb.k8s;

import com.google.common.base.Splitter;
import com.google.common.base.Throwables;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.littlelb.core.model.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One object of a manifest as it is written, whatever it is.
 *
 * @param fields by their names
 * @param reader what has read them
 */
record ManifestObject(Map<?, ?> fields, KubernetesSerialization reader) {
    /** Nothing but a marker can begin a line like that, YAML 1.2.2 section 9.1.2; JSON has no such line. */
    private static final Splitter DOCUMENTS = Splitter.on(Pattern.compile("(?m)^---(?=\\s|$)"));

    /** Comments, directives and the marker of an end; each looks at its own line only. */
    private static final Pattern NO_CONTENTS = Pattern.compile("(?m)^([ \\t]*#.*|%.*|\\.\\.\\.[ \\t]*)$");

    /** All objects of all documents, and of all lists among these. */
    static List<ManifestObject> all(String yamlOrJson) throws ManifestException {
        KubernetesSerialization reader = WireObjects.serialization();
        List<ManifestObject> all = new ArrayList<>();
        for (String document : DOCUMENTS.split(yamlOrJson)) {
            if (!NO_CONTENTS.matcher(document).replaceAll("").isBlank()) {
                read(document, reader).items().forEach(all::add);
            }
        }
        return all;
    }

    private static ManifestObject read(String document, KubernetesSerialization reader) throws ManifestException {
        Object read;
        try {
            read = readEither(document, reader);
        } catch (RuntimeException malformed) {
            String why = String.valueOf(Throwables.getRootCause(malformed).getMessage());
            throw new ManifestException(
                    "it is neither YAML nor JSON: "
                            + why.replaceAll("\\s+", " ").strip(),
                    malformed);
        }
        if (read instanceof Map<?, ?> fields) {
            return new ManifestObject(fields, reader);
        }
        throw new ManifestException("it is no object of Kubernetes, but only " + Shown.quoted(document.strip()));
    }

    /** What begins with a brace is JSON to the library, and may be YAML all the same; the mark makes that of it. */
    private static Object readEither(String document, KubernetesSerialization reader) {
        try {
            return reader.unmarshal(document, Object.class);
        } catch (RuntimeException noJson) {
            return reader.unmarshal("---\n" + document, Object.class);
        }
    }

    private Stream<ManifestObject> items() {
        return kind().endsWith("List") && fields.get("items") instanceof List<?> items
                ? items.stream().filter(Map.class::isInstance).map(item -> new ManifestObject((Map<?, ?>) item, reader))
                : Stream.of(this);
    }

    private String kind() {
        return text(fields.get("kind"));
    }

    boolean isService() {
        return kind().equals("Service") && text(fields.get("apiVersion")).equals("v1");
    }

    /** It {@link #isService}; one that does not fit becomes one that {@link WireObjects#check} finds. */
    Service service() {
        return reader.convertValue(fields, Service.class);
    }

    private static String text(Object value) {
        return value instanceof String text ? text : "";
    }

    @Override
    public String toString() {
        String kind = kind().isEmpty() ? "an object without a kind" : kind();
        String version = kind().equals("Service") && !isService() ? " of " + text(fields.get("apiVersion")) : "";
        String name = fields.get("metadata") instanceof Map<?, ?> metadata ? text(metadata.get("name")) : "";
        return Shown.cut(kind + version + (name.isEmpty() ? "" : " " + name));
    }
}
