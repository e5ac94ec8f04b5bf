package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownTest {
    @Test
    void writesWhatCouldForgeALineAsItsNumber() {
        assertThat(Shown.quoted("a\nb\r\u001b[31m")).isEqualTo("\"a\\u{a}b\\u{d}\\u{1b}[31m\"");
        assertThat(Shown.escaped("a\u202eb\u2066\u2028c\u0085\u007f"))
                .isEqualTo("a\\u{202e}b\\u{2066}\\u{2028}c\\u{85}\\u{7f}");
        assertThat(Shown.escaped("half of a pair: \ud83d")).isEqualTo("half of a pair: \\u{d83d}");
    }

    @Test
    void leavesLettersOfAnyScriptAsTheyAre() {
        String text = "größer 大きい שלום 👍 \"x\" \\";
        assertThat(Shown.escaped(text)).isSameAs(text);
    }

    @Test
    void cutsByCharactersAndNotWithinOne() {
        assertThat(Shown.cut("x".repeat(100))).isEqualTo("x".repeat(100));
        assertThat(Shown.cut("x".repeat(101))).isEqualTo("x".repeat(100) + "…");
        assertThat(Shown.cut("👍".repeat(100))).isEqualTo("👍".repeat(100));
        assertThat(Shown.cut("👍".repeat(101))).isEqualTo("👍".repeat(100) + "…");
        assertThat(Shown.quoted("x".repeat(200_000))).hasSizeLessThan(110);
    }

    @Test
    void noReasonCarriesAnythingElse() {
        assertThat(new Problem(Reason.InvalidAddress, "one\ntwo").detail()).isEqualTo("one\\u{a}two");
    }
}
