package io.littlelb.cli.ask;

import com.google.common.base.Splitter;
import io.littlelb.cli.ask.Cell.Mood;
import io.littlelb.cli.ask.Surroundings.Window;
import io.littlelb.core.model.Shown;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is written to, and how: as wide as it is, with colours if it has them. */
final class Screen {
    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[2J";

    private final Surroundings surroundings;
    private final AskOptions.Format format;
    private final boolean titles;
    private final AskOptions.Colours colours;
    private boolean hasShownOne;
    private Optional<Optional<Window>> window = Optional.empty(); // asked once for what is drawn at once

    Screen(Surroundings surroundings, AskOptions.Format format, boolean titles, AskOptions.Colours colours) {
        this.surroundings = surroundings;
        this.format = format;
        this.titles = titles;
        this.colours = colours;
    }

    /** Shows an answer as it came, where that is wanted; several as so many documents. */
    boolean showsAsItCame(byte[] json) {
        switch (format) {
            case JSON -> bytes(Structured.json(json));
            case YAML -> bytes((hasShownOne ? "---\n" : "") + Structured.yaml(json));
            default -> {
                return false;
            }
        }
        hasShownOne = true;
        return true;
    }

    /** These formats are of UTF-8, whatever the terminal is. */
    private void bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out().write(bytes, 0, bytes.length);
        out().flush();
    }

    void table(Table table) {
        table.lines(look()).forEach(out()::println);
    }

    /** A table of which only so many lines are shown as there is room for. */
    void table(Table table, int before) {
        List<String> lines = table.lines(look());
        int room = window().map(it -> Math.max(2, it.lines() - before - 1)).orElse(Integer.MAX_VALUE);
        lines.stream().limit(room).forEach(out()::println);
    }

    void line(String text) {
        line(text, Mood.PLAIN);
    }

    /** Cut where the terminal ends. */
    void line(String text, Mood mood) {
        out().println(mood.paint(TextWidth.cut(Shown.escaped(text), room(), mark()), colours()));
    }

    /** What stands under a table, and is no part of it. */
    void footer(String text) {
        if (titles) {
            line(text, Mood.QUIET);
        }
    }

    /** Parts of one line, on as many lines as they need, under each other. */
    void parts(Cell label, int indent, List<Cell> parts) {
        StringBuilder line =
                new StringBuilder(label.text()).append(" ".repeat(Math.max(0, indent - TextWidth.of(label.text()))));
        int taken = indent;
        for (Cell part : parts) {
            int width = TextWidth.of(part.text());
            if (taken > indent && (long) taken + 3 + width > room()) {
                out().println(line.toString().stripTrailing());
                line.setLength(0);
                line.append(" ".repeat(indent));
                taken = indent;
            }
            String between = taken > indent ? "   " : "";
            String text = TextWidth.cut(part.text(), Math.max(1, room() - taken - between.length()), mark());
            line.append(between).append(part.mood().paint(text, colours()));
            taken += between.length() + width;
        }
        out().println(line.toString().stripTrailing());
    }

    /** A sentence, of any length. */
    void whole(String text) {
        out().println(Shown.escaped(text));
    }

    /** Prose after a mark, which may have a colour. */
    void marked(String label, Cell mark, int indent, Cell text) {
        String blanks = " ".repeat(Math.max(1, indent - TextWidth.of(label) - TextWidth.of(mark.text())));
        List<String> lines = wrapped(text.text(), Math.max(20, room() - indent));
        out().println(label + mark.mood().paint(mark.text(), colours()) + blanks + lines.get(0));
        lines.stream().skip(1).forEach(line -> out().println(" ".repeat(indent) + line));
    }

    /** Prose, broken between words; on one line where there is no terminal. */
    void prose(Cell text) {
        wrapped(text.text(), room()).forEach(line -> out().println(text.mood().paint(line, colours())));
    }

    private static List<String> wrapped(String text, int room) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : Splitter.on(' ').split(text)) {
            if (line.length() > 0 && TextWidth.of(line.toString()) + 1 + TextWidth.of(word) > room) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** Begins to draw the same once more: on a terminal in the same place, else below. */
    void again(boolean first) {
        window = Optional.empty();
        if (window().isPresent() && format.isForPeople()) {
            out().print(HOME_AND_CLEAR);
        } else if (!first && format.isForPeople()) {
            out().println();
        }
    }

    boolean isForPeople() {
        return format.isForPeople();
    }

    private Table.Look look() {
        return new Table.Look(room(), titles, format == AskOptions.Format.WIDE, colours(), mark());
    }

    private int room() {
        return format == AskOptions.Format.WIDE
                ? Table.Look.ENDLESS
                : window().map(Window::columns).orElse(Table.Look.ENDLESS);
    }

    private Optional<Window> window() {
        if (window.isEmpty()) {
            window = Optional.of(surroundings.window().get());
        }
        return window.get();
    }

    private boolean colours() {
        return switch (colours) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO ->
                window().isPresent()
                        && surroundings.variable("NO_COLOR").isEmpty()
                        && !surroundings.variable("TERM").filter("dumb"::equals).isPresent();
        };
    }

    private String mark() {
        return surroundings.charset().newEncoder().canEncode('…') ? "…" : "~";
    }

    private PrintStream out() {
        return surroundings.out();
    }
}
