package io.littlelb.cli.ask;

import io.littlelb.core.model.Shown;
import java.util.List;

/** A text of a table, fit to be shown, and how a person is to take it. */
record Cell(String text, Mood mood) {
    /** What a colour says; the words say it as well. */
    enum Mood {
        PLAIN(""),
        GOOD("\u001b[32m"),
        WARN("\u001b[33m"),
        BAD("\u001b[31m"),
        QUIET("\u001b[2m");

        private static final String END = "\u001b[0m";
        private final String begin;

        Mood(String begin) {
            this.begin = begin;
        }

        String paint(String text, boolean colours) {
            return colours && this != PLAIN && !text.isBlank() ? begin + text + END : text;
        }
    }

    Cell {
        text = Shown.escaped(text);
    }

    static Cell of(Object text) {
        return new Cell(text.toString(), Mood.PLAIN);
    }

    static Cell of(String text, Mood mood) {
        return new Cell(text, mood);
    }

    /** Of what there is more than one; a dash where there is nothing. */
    static Cell list(List<String> texts, String between) {
        return of(texts.isEmpty() ? "-" : String.join(between, texts));
    }
}
