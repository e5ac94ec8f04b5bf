package io.littlelb.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README promises code that compiles and files that are there. */
class ReadmeTest {
    private static final Path HOME = Path.of("..");
    private static final Path SOURCES = Path.of("src/main/java/io/littlelb/examples");
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern MANIFEST = Pattern.compile("[a-z-]+\\.yaml");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

    @Test
    void showsJavaThatIsCompiledAsAnExample() throws IOException {
        String example = squeezed(Files.readString(SOURCES.resolve("StaticServices.java")));

        assertThat(found(JAVA, 1))
                .isNotEmpty()
                .allSatisfy(code -> assertThat(example).contains(squeezed(code)));
    }

    @Test
    void namesManifestsAndDocumentsThatAreThere() throws IOException {
        assertThat(found(MANIFEST, 0))
                .filteredOn(name -> !name.equals("services.yaml")) // the user's own
                .isNotEmpty()
                .allSatisfy(
                        name -> assertThat(HOME.resolve("examples/manifests").resolve(name))
                                .exists());
        assertThat(found(LINK, 1))
                .isNotEmpty()
                .allSatisfy(target -> assertThat(HOME.resolve(target)).exists());
    }

    @Test
    void explainsEveryReasonThatAServiceIsNotServed() throws IOException {
        String troubleshooting = Files.readString(HOME.resolve("docs/troubleshooting.md"));

        assertThat(Reason.values())
                .allSatisfy(reason -> assertThat(troubleshooting).contains("\n### " + reason + "\n"));
    }

    private static List<String> found(Pattern pattern, int group) throws IOException {
        String readme = Files.readString(HOME.resolve("README.md"));
        return pattern.matcher(readme)
                .results()
                .map((MatchResult match) -> match.group(group))
                .toList();
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
