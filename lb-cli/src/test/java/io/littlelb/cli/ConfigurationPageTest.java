package io.littlelb.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The schema that editors read and the page that persons read have the keys of {@code --config} that there are; {@code -Dschema.write=true} writes them anew. */
final class ConfigurationPageTest {
    private static final Path SCHEMA = Path.of("../docs/lb-config.schema.json");
    private static final Path PAGE = Path.of("../docs/configuration.md");
    private static final String BEGIN = "<!-- keys: written by ConfigurationPageTest -->\n";
    private static final String END = "<!-- end of keys -->\n";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Test
    void theSchemaHasTheKeysThatThereAre() throws Exception {
        String drawn = JSON.writeValueAsString(schema()) + "\n";
        if (Boolean.getBoolean("schema.write")) {
            Files.writeString(SCHEMA, drawn);
        }
        assertThat(SCHEMA).as("written anew with -Dschema.write=true").hasContent(drawn);
    }

    @Test
    void thePageHasTheKeysThatThereAre() throws Exception {
        String page = Files.readString(PAGE);
        String drawn =
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + table() + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("schema.write")) {
            Files.writeString(PAGE, drawn);
        }
        assertThat(Files.readString(PAGE))
                .as("written anew with -Dschema.write=true")
                .isEqualTo(drawn);
    }

    /** The example of the page is one that works. */
    @Test
    void theExampleIsRead() throws Exception {
        String page = Files.readString(PAGE);
        String example = page.substring(page.indexOf("```yaml\n") + 8);
        Path file = Files.createTempFile("lb", ".yaml");
        try {
            Files.writeString(file, example.substring(0, example.indexOf("```")));
            RunOptions options = RunOptions.read(List.of("run", "--config", file.toString()));

            assertThat(options.serving().pools().pools()).hasSize(2);
        } finally {
            Files.delete(file);
        }
    }

    private static List<OptionSpec> keys() throws Exception {
        return Main.line(GivenValues.of(List.of(), Map.of()))
                .getSubcommands()
                .get("run")
                .getCommandSpec()
                .options()
                .stream()
                .filter(option -> !ConfigFile.NO_KEYS.contains(option.longestName()))
                .sorted(Comparator.comparing(ConfigurationPageTest::key))
                .toList();
    }

    private static String key(OptionSpec option) {
        return option.names()[0].substring(2);
    }

    private static String description(OptionSpec option) {
        String all = Stream.of(option.description()).collect(joining(" "));
        return all.replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()))
                .replace("$$", "$");
    }

    private static ObjectNode schema() throws Exception {
        ObjectNode schema = JSON.createObjectNode()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "The configuration of Little LB")
                .put("description", "The file that lb run --config names: its flags as keys, without their dashes.")
                .put("type", "object")
                .put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        for (OptionSpec option : keys()) {
            ObjectNode property = properties.putObject(key(option));
            property.put("description", description(option));
            type(option, property);
        }
        return schema;
    }

    private static void type(OptionSpec option, ObjectNode property) {
        if (option.isMultiValue()) {
            property.putArray("type").add("array").add("string");
            property.putObject("items").put("type", "string");
        } else if (option.type() == boolean.class) {
            property.put("type", "boolean");
        } else if (option.type().isEnum()) {
            ArrayNode words = property.putArray("enum");
            Splitter.on('|').split(option.paramLabel()).forEach(words::add);
        } else if (option.paramLabel().equals("N")) {
            property.put("type", "integer").put("minimum", 1);
        } else if (option.paramLabel().equals("N|off")) {
            property.putArray("oneOf").addObject().put("type", "integer").put("minimum", 1);
            ((ArrayNode) property.get("oneOf")).addObject().put("const", "off");
        } else {
            property.put("type", "string");
        }
    }

    private static String value(OptionSpec option) {
        return option.type() == boolean.class ? "true|false" : option.paramLabel();
    }

    private static String table() throws Exception {
        String rows = keys().stream()
                .map(option -> "| `" + key(option) + "` | `" + value(option).replace("|", "\\|") + "`"
                        + (option.isMultiValue() ? ", or a list" : "") + " | "
                        + (Reload.isLive(option.longestName()) ? "yes" : "with a restart") + " |\n")
                .collect(joining());
        return "| key | value | changes at a reload |\n|---|---|---|\n" + rows;
    }
}
