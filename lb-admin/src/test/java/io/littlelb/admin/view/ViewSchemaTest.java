package io.littlelb.admin.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code -Dschema.write=true} writes what is published anew. */
final class ViewSchemaTest {
    private static final Path PUBLISHED = Path.of("../docs/admin-v1.schema.json");

    @Test
    void whatIsPublishedIsWhatTheRecordsHave() throws IOException {
        if (Boolean.getBoolean("schema.write")) {
            Files.writeString(PUBLISHED, ViewSchema.text());
        }

        assertThat(PUBLISHED).content().isEqualTo(ViewSchema.text());
    }
}
