package io.littlelb.cli.ask;

import io.littlelb.core.model.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The Services of a manifest, which may have several documents, lists, and objects that are none. */
final class Manifest {
    private static final int LARGEST = 16 << 20;

    private Manifest() {}

    /** Each as JSON, in their order; at least one. */
    static List<String> services(String file, Surroundings surroundings) throws NotAnsweredException {
        String text = text(file, surroundings);
        List<String> services = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                new YAMLMapper().readerFor(JsonNode.class).readValues(text)) {
            documents.forEachRemaining(document -> collect(document, services));
        } catch (JacksonException e) {
            throw wrong(file, "is no YAML: " + e.getOriginalMessage());
        }
        if (services.isEmpty()) {
            throw wrong(file, "has no Service in it");
        }
        return services;
    }

    private static void collect(JsonNode node, List<String> services) {
        if (node.path("items").isArray()) {
            node.path("items").forEach(item -> collect(item, services));
        } else if (node.path("kind").asString("").equals("Service")) {
            services.add(new JsonMapper().writeValueAsString(node));
        }
    }

    private static String text(String file, Surroundings surroundings) throws NotAnsweredException {
        try (InputStream content = file.equals("-") ? surroundings.in() : Files.newInputStream(Path.of(file))) {
            return new String(content.readNBytes(LARGEST), StandardCharsets.UTF_8);
        } catch (NoSuchFileException absent) {
            throw wrong(file, "is not there");
        } catch (IOException e) {
            throw wrong(file, "cannot be read: " + e.getMessage());
        }
    }

    private static NotAnsweredException wrong(String file, String why) {
        return new NotAnsweredException(
                NotAnsweredException.WRONG_USE,
                "-f " + Shown.cut(file) + ": " + why.lines().findFirst().orElse(""));
    }
}
