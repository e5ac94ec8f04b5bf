package io.littlelb.testkit.apiserver;

import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request that is refused, in the words of the Kubernetes API: a {@code metav1.Status} of status Failure. */
final class ApiException extends Exception {
    private static final long serialVersionUID = 1;

    private final int code;
    private final String reason;
    private final transient List<Cause> causes;

    /** What is wrong with one field. */
    record Cause(String reason, String field, String message) {}

    ApiException(int code, String reason, String message, List<Cause> causes) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.causes = List.copyOf(causes);
    }

    ApiException(int code, String reason, String message) {
        this(code, reason, message, List.of());
    }

    static ApiException badRequest(String message) {
        return new ApiException(400, "BadRequest", message);
    }

    static ApiException notFound(ResourceType type, String name) {
        return new ApiException(404, "NotFound", type.plural() + " \"" + name + "\" not found");
    }

    static ApiException conflict(ResourceType type, String name, String why) {
        return new ApiException(
                409, "Conflict", "Operation cannot be fulfilled on " + type.plural() + " \"" + name + "\": " + why);
    }

    static ApiException invalid(ResourceType type, String name, String field, String why) {
        return new ApiException(
                422,
                "Invalid",
                type.kind() + " \"" + name + "\" is invalid: " + field + ": " + why,
                List.of(new Cause("FieldValueInvalid", field, why)));
    }

    /** The history since that version is no longer there: the client has to list again. */
    static ApiException expired(long version) {
        return new ApiException(410, "Expired", "too old resource version: " + version);
    }

    int code() {
        return code;
    }

    ObjectNode status() {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Failure").put("message", getMessage()).put("reason", reason);
        ObjectNode details = status.putObject("details");
        causes.forEach(cause -> details.withArray("causes")
                .addObject()
                .put("reason", cause.reason())
                .put("field", cause.field())
                .put("message", cause.message()));
        return status.put("code", code);
    }
}
