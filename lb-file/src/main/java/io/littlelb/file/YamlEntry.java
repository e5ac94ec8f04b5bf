package io.littlelb.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** One node of the document with the way to it, so that every message says where. */
record YamlEntry(String path, JsonNode node) {
    YamlEntry at(String key) {
        return new YamlEntry(path.isEmpty() ? key : path + "." + key, node.path(key));
    }

    ServicesFileException wrong(String what) {
        return new ServicesFileException((path.isEmpty() ? "" : path + ": ") + what);
    }

    void allow(String... keys) throws ServicesFileException {
        if (!node.isObject()) {
            throw wrong((isNothing() ? "there is nothing here" : "there are no keys and values here") + "; "
                    + (keys.length == 1
                            ? "write " + keys[0] + ": and a list, or " + keys[0] + ": [] if there is to be none"
                            : "a key and its value are needed, of " + String.join(", ", keys)));
        }
        Set<String> allowed = Set.of(keys);
        for (String key : node.propertyNames()) {
            if (!allowed.contains(key)) {
                throw at(key).wrong("unknown key; allowed are " + String.join(", ", keys));
            }
        }
    }

    private boolean isNothing() {
        return node.isMissingNode() || node.isNull();
    }

    List<YamlEntry> list(String key) throws ServicesFileException {
        YamlEntry list = at(key);
        if (!list.node.isArray()) {
            throw list.wrong("expected a list");
        }
        List<YamlEntry> entries = new ArrayList<>();
        for (int i = 0; i < list.node.size(); i++) {
            entries.add(new YamlEntry(list.path + "[" + i + "]", list.node.get(i)));
        }
        return entries;
    }

    /** The texts of a list, of a single value, or of nothing at all. */
    List<String> texts(String key) throws ServicesFileException {
        YamlEntry entry = at(key);
        if (entry.isNothing()) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (YamlEntry element : entry.node.isArray() ? list(key) : List.of(entry)) {
            texts.add(element.scalar());
        }
        return texts;
    }

    String text(String key) throws ServicesFileException {
        return optionalText(key).orElseThrow(() -> wrong("needs a " + key));
    }

    Optional<String> optionalText(String key) throws ServicesFileException {
        YamlEntry entry = at(key);
        return entry.isNothing() ? Optional.empty() : Optional.of(entry.scalar());
    }

    private String scalar() throws ServicesFileException {
        if (!node.isValueNode() || node.asString().isBlank()) {
            throw wrong("expected a value");
        }
        return node.asString();
    }
}
