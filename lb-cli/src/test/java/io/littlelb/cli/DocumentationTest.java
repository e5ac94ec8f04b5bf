package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a person is told can be looked up. */
final class DocumentationTest {
    private static final Path DOCS = Path.of("../docs");

    @ParameterizedTest
    @EnumSource
    void everyReasonHasAPlaceInTroubleshooting(Reason reason) throws IOException {
        assertThat(Files.readString(DOCS.resolve("troubleshooting.md"))).contains("### " + reason + "\n");
    }
}
