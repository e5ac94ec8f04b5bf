package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/**
 * A kind of request to the server that Services come from, to be counted.
 *
 * @param verb as in the rights that it takes: {@code list}, {@code watch}, {@code patch}
 * @param resource such as {@code services} or {@code services/status}
 * @param result the code of the answer such as {@code 200}; {@code none} where there was no answer
 */
public record ApiRequest(String verb, String resource, String result) {
    public ApiRequest {
        requireNonNull(verb, "verb");
        requireNonNull(resource, "resource");
        requireNonNull(result, "result");
    }
}
