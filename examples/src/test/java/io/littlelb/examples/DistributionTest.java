package io.littlelb.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What runs as the program is the program: lb.jar with the libraries that it names, as "mvn package" has just made them. */
class DistributionTest {
    private static final Path PROGRAM = Path.of("../lb-cli/target/lb.jar");
    /** The test kit with its API server, what tests are written with, and the demo. */
    private static final Pattern NO_PART_OF_IT =
            Pattern.compile("(io/littlelb/(testkit|examples|bench)|org/(junit|assertj|awaitility|hamcrest|openjdk/jmh)"
                    + "|com/tngtech/archunit|io/netty)/.*\\.class");

    @Test
    void carriesNothingThatOnlyTestsAndTheDemoUse() throws IOException {
        List<Path> jars = jars();

        assertThat(jars).hasSizeGreaterThan(10);
        for (Path jar : jars) {
            assertThat(entries(jar))
                    .as(jar.toString())
                    .noneMatch(entry -> NO_PART_OF_IT.matcher(entry).matches());
        }
    }

    @Test
    void hasEveryLibraryOfOursThatTheProgramIsMadeOf() throws IOException {
        assertThat(jars().stream().map(jar -> jar.getFileName().toString()).filter(name -> name.startsWith("lb")))
                .map(name -> name.replaceFirst("-[0-9].*", ""))
                .containsExactlyInAnyOrder(
                        "lb.jar", "lb-core", "lb-linux", "lb-netlink", "lb-proxy", "lb-k8s", "lb-file", "lb-admin");
    }

    /** The one that is run, and those of its Class-Path, which are found beside it. */
    private static List<Path> jars() throws IOException {
        try (JarFile program = new JarFile(PROGRAM.toFile())) {
            String path = program.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return Stream.concat(Stream.of(PROGRAM), Stream.of(path.split(" ")).map(PROGRAM::resolveSibling))
                    .toList();
        }
    }

    private static List<String> entries(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(entry -> entry.getName()).toList();
        }
    }
}
