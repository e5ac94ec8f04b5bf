package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import io.littlelb.cli.ask.Unreadable;
import io.littlelb.core.model.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What {@code --config} names: the flags of {@code lb run} as the keys of a YAML file, without their dashes. Read strictly; a flag that can be repeated takes a list. */
final class ConfigFile {
    /** Flags that a file cannot have. */
    static final Set<String> NO_KEYS = Set.of("--config", "--help", "--version");

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final Pattern TWICE = Pattern.compile("^Duplicate Object property \"(.*)\"");

    private final Path file;
    private final CommandLine command;
    /** By the longest name of the flag. */
    private final Map<String, String> values = new HashMap<>();

    private ConfigFile(Path file, CommandLine command) {
        this.file = file;
        this.command = command;
    }

    /**
     * Reads one.
     *
     * @param command the one whose flags are the keys
     * @throws UsageException when it cannot be read, or has what is none of the keys; names the file and the key
     */
    static ConfigFile read(Path file, CommandLine command) throws UsageException {
        ConfigFile config = new ConfigFile(file, command);
        JsonNode document = config.document();
        for (Map.Entry<String, JsonNode> entry : document.properties()) {
            OptionSpec option = config.option(entry.getKey());
            if (config.values.containsKey(option.longestName())) {
                throw config.wrong(entry.getKey(), "it is there already, under another name");
            }
            config.values.put(option.longestName(), config.text(option, entry.getKey(), entry.getValue()));
        }
        return config;
    }

    private JsonNode document() throws UsageException {
        String text = content();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(text)) {
            if (!documents.hasNextValue()) {
                throw wrong("there is nothing here; write a key and its value, such as linkdevice: eth0");
            }
            JsonNode document = documents.nextValue();
            if (!document.isObject()) {
                throw wrong("there are no keys and values here; write such as linkdevice: eth0");
            }
            if (documents.hasNextValue()) {
                throw wrong("there are two documents here; one is read");
            }
            return document;
        } catch (JacksonException malformed) {
            Matcher twice = TWICE.matcher(malformed.getOriginalMessage());
            if (twice.find()) {
                throw wrong(Shown.cut(twice.group(1)), "it is there twice");
            }
            throw wrong(where(malformed)
                    + malformed.getOriginalMessage().lines().findFirst().orElse("not YAML"));
        }
    }

    private static String where(JacksonException malformed) {
        return malformed.getLocation() == null
                ? ""
                : "line " + malformed.getLocation().getLineNr() + ", column "
                        + malformed.getLocation().getColumnNr() + ": ";
    }

    private String content() throws UsageException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UsageException("--config " + file + ": " + Unreadable.why(e), e);
        }
    }

    private OptionSpec option(String key) throws UsageException {
        OptionSpec option = command.getCommandSpec().findOption("--" + key);
        if (option != null && !NO_KEYS.contains(option.longestName())) {
            return option;
        }
        String near = new UnmatchedArgumentException(command, List.of("--" + key))
                .getSuggestions().stream()
                        .filter(flag -> flag.startsWith("--") && !NO_KEYS.contains(flag))
                        .limit(2)
                        .map(flag -> flag.substring(2))
                        .collect(joining(" or "));
        throw wrong(Shown.cut(key), "no such key" + (near.isEmpty() ? "" : "; did you mean " + near + "?"));
    }

    private String text(OptionSpec option, String key, JsonNode value) throws UsageException {
        List<String> texts = new ArrayList<>();
        if (value.isArray() && !option.isMultiValue()) {
            throw wrong(key, "one value is expected here, and no list");
        }
        for (JsonNode each : value.isArray() ? value : List.of(value)) {
            if (!each.isValueNode() || each.isNull() || each.asString().contains("\n")) {
                throw wrong(
                        key, option.isMultiValue() ? "a list of values is expected here" : "a value is expected here");
            }
            if (each.isFloatingPointNumber()) {
                throw wrong(key, "write it in quotation marks; as a number YAML would have it in another spelling");
            }
            if (each.asString().chars().anyMatch(Character::isISOControl)) {
                throw wrong(key, "there is a control character in it");
            }
            texts.add(each.asString());
        }
        return String.join(option.isMultiValue() ? option.splitRegex() : "", texts);
    }

    private UsageException wrong(String what) {
        return new UsageException(file + ": " + what);
    }

    private UsageException wrong(String key, String what) {
        return wrong(key + ": " + what);
    }

    /** The value of a flag, as it could be given for it; empty when it is not there, or is an empty list. */
    Optional<String> value(OptionSpec option) {
        return Optional.ofNullable(values.get(option.longestName()))
                .filter(text -> !(option.isMultiValue() && text.isEmpty()));
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
