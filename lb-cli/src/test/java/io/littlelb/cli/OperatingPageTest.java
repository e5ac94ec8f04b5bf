package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.cli.ask.AskCommands;
import io.littlelb.cli.ask.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What docs/operating.md has a person type is understood, and nothing that can be asked is left out. */
final class OperatingPageTest {
    private static final Path PAGE = Path.of("../docs/operating.md");
    private static final Pattern COMMAND = Pattern.compile("(?:^\\$ |`)lb ([a-z-]+)([^`\\n]*)", Pattern.MULTILINE);

    @Test
    void everyCommandIsThereAndUnderstood() throws IOException {
        TreeSet<String> shown = new TreeSet<>();
        Matcher commands = COMMAND.matcher(Files.readString(PAGE));
        while (commands.find()) {
            String name = commands.group(1);
            if (AskCommands.NAMES.contains(name)) {
                shown.add(name);
                new CommandLine(AskCommands.of(name, Surroundings.ofThisProcess(System.err)))
                        .parseArgs(words(name, commands.group(2)));
            }
        }
        assertThat(shown).containsExactlyInAnyOrderElementsOf(AskCommands.NAMES);
    }

    /** Where only the command's name is said, what it needs is added. */
    private static String[] words(String name, String rest) {
        if (rest.isBlank()) {
            return List.of("drain", "undrain").contains(name) ? new String[] {"web"} : new String[0];
        }
        return rest.strip().split(" +");
    }
}
