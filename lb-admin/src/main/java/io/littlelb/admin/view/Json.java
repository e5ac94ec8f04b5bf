package io.littlelb.admin.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Views as JSON, and back: what is not there is left out, and a member that is not known is passed over. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .changeDefaultPropertyInclusion(all -> all.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .build();

    private static final ObjectWriter WRITER = MAPPER.writer().without(StreamWriteFeature.AUTO_CLOSE_TARGET);

    private Json() {}

    /** A view as text in UTF-8. */
    public static byte[] write(Object view) {
        return MAPPER.writeValueAsBytes(view);
    }

    /**
     * The same, written as it is made.
     *
     * @throws IOException when it cannot be written there
     */
    public static void write(Object view, OutputStream out) throws IOException {
        try {
            WRITER.writeValue(out, view);
        } catch (JacksonIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The view that a text is of.
     *
     * @throws IllegalArgumentException when it is of none
     */
    public static <V> V read(byte[] text, Class<V> view) {
        try {
            return MAPPER.readValue(text, view);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("this is no " + view.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }
}
