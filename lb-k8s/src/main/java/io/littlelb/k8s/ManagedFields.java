package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.Arrays;
import java.util.Map;

/**
 * Which fields of an object are known to the API server as written by us: {@code metadata.managedFields}. Everybody who may write an object may write
 * our annotations on it, too; but what anybody else writes is not ours any more. Pure.
 */
final class ManagedFields {
    /** The name under which the API server knows what we write. */
    static final String MANAGER = "littlelb";

    private static final String OF_THE_STATUS = "status";
    private static final String OF_THE_OBJECT = "";

    private ManagedFields() {}

    /** Whether something in the status is ours. */
    static boolean isInStatus(HasMetadata object) {
        return Given.list(Given.metadata(object).getManagedFields()).stream()
                .anyMatch(entry -> MANAGER.equals(entry.getManager()) && has(entry, "f:status"));
    }

    /** Whether we have written an annotation together with the status, which takes a right of its own. */
    static boolean isAnnotatedWithStatus(HasMetadata object, String annotation) {
        return isAnnotated(object, annotation, OF_THE_STATUS);
    }

    /** Whether we have written an annotation on the object itself. */
    static boolean isAnnotated(HasMetadata object, String annotation) {
        return isAnnotated(object, annotation, OF_THE_OBJECT);
    }

    private static boolean isAnnotated(HasMetadata object, String annotation, String subresource) {
        return Given.list(Given.metadata(object).getManagedFields()).stream()
                .filter(entry -> MANAGER.equals(entry.getManager()))
                .filter(entry -> Given.text(entry.getSubresource()).equals(subresource))
                .anyMatch(entry -> has(entry, "f:metadata", "f:annotations", "f:" + annotation));
    }

    private static boolean has(ManagedFieldsEntry entry, String... path) {
        Object found = Given.part(entry.getFieldsV1(), FieldsV1::getAdditionalProperties)
                .<Object>map(fields -> fields)
                .orElse(Map.of());
        for (String step : Arrays.asList(path)) {
            if (!(found instanceof Map<?, ?> fields) || !fields.containsKey(step)) {
                return false;
            }
            found = fields.get(step);
        }
        return true;
    }
}
