package io.littlelb.testkit.apiserver;

import com.google.common.base.Splitter;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Label and field selectors of a list or watch. */
final class Selector {
    private static final Pattern SET = Pattern.compile("\\s*(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*");
    private static final Splitter REQUIREMENTS =
            Splitter.onPattern(",(?![^(]*\\))").trimResults().omitEmptyStrings();
    private static final Splitter LIST = Splitter.on(',').trimResults();

    private Selector() {}

    /** {@code a=b}, {@code a!=b}, {@code a}, {@code !a}, {@code a in (b,c)}, joined by commas; empty text selects all. */
    static Predicate<JsonNode> labels(String text) {
        Predicate<JsonNode> all = object -> true;
        for (String requirement : REQUIREMENTS.split(text)) {
            all = all.and(label(requirement));
        }
        return all;
    }

    /** {@code metadata.name=web}, {@code involvedObject.kind!=Pod}, joined by commas; empty text selects all. */
    static Predicate<JsonNode> fields(String text) {
        Predicate<JsonNode> all = object -> true;
        for (String requirement : REQUIREMENTS.split(text)) {
            all = all.and(equality(requirement, Selector::field));
        }
        return all;
    }

    private static Predicate<JsonNode> label(String requirement) {
        Matcher set = SET.matcher(requirement);
        if (set.matches()) {
            Set<String> values = Set.copyOf(LIST.splitToList(set.group(3)));
            boolean wanted = set.group(2).equals("in");
            return object -> values.contains(labelOf(object, set.group(1))) == wanted;
        }
        if (requirement.startsWith("!")) {
            return object -> !labelsOf(object).has(requirement.substring(1));
        }
        return requirement.contains("=")
                ? equality(requirement, Selector::labelOf)
                : object -> labelsOf(object).has(requirement);
    }

    private interface Lookup {
        String of(JsonNode object, String name);
    }

    private static Predicate<JsonNode> equality(String requirement, Lookup lookup) {
        int sign = requirement.indexOf('=');
        boolean not = requirement.charAt(sign - 1) == '!';
        String name = requirement.substring(0, not ? sign - 1 : sign);
        String value = requirement.substring(sign + 1).replaceFirst("^=", "");
        return object -> lookup.of(object, name).equals(value) != not;
    }

    private static String field(JsonNode object, String path) {
        JsonNode found = object;
        for (String step : Splitter.on('.').split(path)) {
            found = found.path(step);
        }
        return found.asString("");
    }

    private static JsonNode labelsOf(JsonNode object) {
        return object.path("metadata").path("labels");
    }

    private static String labelOf(JsonNode object, String name) {
        return labelsOf(object).path(name).asString("");
    }
}
