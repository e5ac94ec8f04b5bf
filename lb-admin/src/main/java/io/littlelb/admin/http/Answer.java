package io.littlelb.admin.http;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;

/**
 * An answer, written whole.
 *
 * @param code of RFC 9110
 * @param type the media type of the content
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and compared by nobody
public record Answer(int code, String type, byte[] content) {
    /** What JSON is. */
    public static final String JSON = "application/json";

    private static final String TEXT = "text/plain; charset=utf-8";

    public Answer {
        requireNonNull(type, "type");
        requireNonNull(content, "content");
    }

    /** A few lines for people. */
    public static Answer text(int code, String text) {
        return new Answer(code, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }
}
