package io.littlelb.k8s;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A label selector, in the syntax of {@code kubectl -l}: {@code key}, {@code !key}, {@code key=value}, {@code key!=value}, {@code
 * key in (a,b)} and {@code key notin (a,b)}, joined by commas. It is evaluated here and not by the API server, since all nodes are
 * needed anyway: no Service may take one's address.
 */
public final class NodeSelector {
    /** Selects every node. */
    public static final NodeSelector ALL = new NodeSelector("", List.of());

    private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_./]*)";
    private static final String VALUE = "([-A-Za-z0-9_.]*)";
    private static final Pattern EXISTS = Pattern.compile("(!?)\\s*" + KEY);
    private static final Pattern EQUALS = Pattern.compile(KEY + "\\s*(=|==|!=)\\s*" + VALUE);
    private static final Pattern IN = Pattern.compile(KEY + "\\s+(in|notin)\\s*\\(([-A-Za-z0-9_.,\\s]*)\\)");
    private static final Splitter REQUIREMENTS =
            Splitter.onPattern(",(?![^(]*\\))").trimResults();
    private static final Splitter VALUES = Splitter.on(',').trimResults();

    private final String text;
    private final List<Requirement> requirements;

    private NodeSelector(String text, List<Requirement> requirements) {
        this.text = text;
        this.requirements = List.copyOf(requirements);
    }

    private interface Requirement {
        boolean isMetBy(Map<String, String> labels);
    }

    /**
     * Reads a selector; empty text selects every node.
     *
     * @throws IllegalArgumentException naming the part that cannot be read
     */
    public static NodeSelector parse(String text) {
        if (text.isBlank()) {
            return ALL;
        }
        List<Requirement> requirements = new ArrayList<>();
        REQUIREMENTS.split(text).forEach(part -> requirements.add(requirement(part)));
        return new NodeSelector(text.strip(), requirements);
    }

    private static Requirement requirement(String part) {
        Matcher exists = EXISTS.matcher(part);
        if (exists.matches()) {
            boolean wanted = exists.group(1).isEmpty();
            return labels -> labels.containsKey(exists.group(2)) == wanted;
        }
        Matcher equals = EQUALS.matcher(part);
        if (equals.matches()) {
            boolean wanted = !equals.group(2).equals("!=");
            return labels -> equals.group(3).equals(labels.get(equals.group(1))) == wanted;
        }
        Matcher in = IN.matcher(part);
        if (in.matches()) {
            boolean wanted = in.group(2).equals("in");
            Set<String> values = Set.copyOf(VALUES.splitToList(in.group(3)));
            return labels -> (labels.containsKey(in.group(1)) && values.contains(labels.get(in.group(1)))) == wanted;
        }
        throw new IllegalArgumentException(
                "\"" + part + "\" is no label requirement; write key, !key, key=value, key!=value or key in (a,b)");
    }

    /** Whether an object with these labels is selected. */
    public boolean selects(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.isMetBy(labels));
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
