package io.littlelb.admin.http;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Shown;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request, read whole.
 *
 * @param path its segments, decoded: {@code /v1/explain/default/web} has four
 * @param parameters of its query, decoded; of one that is there twice, the first
 * @param accept the media types that whoever asks can read; empty when it does not say
 * @param body as text; empty when there is none
 */
public record Question(String method, List<String> path, Map<String, String> parameters, String accept, String body) {
    public Question {
        requireNonNull(method, "method");
        path = List.copyOf(path);
        parameters = Map.copyOf(parameters);
        requireNonNull(accept, "accept");
        requireNonNull(body, "body");
    }

    /** What a parameter says. */
    public Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    /** Whether nothing is to be changed by it. */
    public boolean onlyReads() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** For a log: what is asked, without what came with it. */
    @Override
    public String toString() {
        return method + " /" + Shown.cut(String.join("/", path));
    }
}
