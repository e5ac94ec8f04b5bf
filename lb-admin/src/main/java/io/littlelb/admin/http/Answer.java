package io.littlelb.admin.http;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An answer. Its content is made as it is sent, so that a long one is never in memory as a whole.
 *
 * @param code of RFC 9110
 * @param type the media type of the content
 */
public record Answer(int code, String type, Content content) {
    /** What JSON is. */
    public static final String JSON = "application/json";

    private static final String TEXT = "text/plain; charset=utf-8";

    public Answer {
        requireNonNull(type, "type");
        requireNonNull(content, "content");
    }

    /** What is sent. */
    @FunctionalInterface
    public interface Content {
        /** Writes all of it; does not close. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** A few lines for people. */
    public static Answer text(int code, String text) {
        return new Answer(code, TEXT, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
