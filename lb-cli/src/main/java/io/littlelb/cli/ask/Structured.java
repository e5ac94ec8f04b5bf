package io.littlelb.cli.ask;

import io.littlelb.core.model.Shown;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** A view for programs, with all that the instance has said, also what this program does not know: indented JSON, or YAML. */
final class Structured {
    private Structured() {}

    static String json(byte[] view) {
        return text(
                        JsonMapper.builder()
                                .enable(SerializationFeature.INDENT_OUTPUT)
                                .build(),
                        view) + "\n";
    }

    static String yaml(byte[] view) {
        return text(
                YAMLMapper.builder()
                        .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                        .disable(YAMLWriteFeature.SPLIT_LINES)
                        .build(),
                view);
    }

    private static String text(ObjectMapper mapper, byte[] view) {
        JsonNode tree = new JsonMapper().readTree(view);
        return harmless(mapper.writeValueAsString(tree));
    }

    /** The same to a program, and nothing that a terminal would obey: all such characters stand within quotation marks, where both forms know this escape. */
    private static String harmless(String text) {
        if (text.lines().allMatch(line -> Shown.escaped(line).equals(line))) {
            return text;
        }
        StringBuilder harmless = new StringBuilder(text.length() + 64);
        text.codePoints().forEach(character -> {
            String one = Character.toString(character);
            if (character == '\n' || Shown.escaped(one).equals(one)) {
                harmless.append(one);
            } else {
                one.chars().forEach(unit -> harmless.append(String.format("\\u%04x", unit)));
            }
        });
        return harmless.toString();
    }
}
