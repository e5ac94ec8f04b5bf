package io.littlelb.cli.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.littlelb.cli.ask.Cell.Mood;
import io.littlelb.cli.ask.Table.Look;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a table is made to fit. */
final class TableTest {
    private final Table table = new Table(
                    Column.left("NAME"),
                    Column.right("SIZE").leaves(1),
                    Column.right("AGE").leaves(2),
                    Column.left("MORE").wide(),
                    Column.left("STATE").prose(8))
            .row(Cell.of("web"), Cell.of("1"), Cell.of("12 s"), Cell.of("x"), Cell.of("served for a long time"))
            .row(Cell.of("database"), Cell.of("12345"), Cell.of("1 s"), Cell.of("yy"), Cell.of("no", Mood.BAD));

    private List<String> lines(int room) {
        return table.lines(new Look(room, true, false, false, "…"));
    }

    @Test
    void numbersAreAlignedAtTheRight() {
        assertThat(lines(Look.ENDLESS))
                .containsExactly(
                        "NAME       SIZE   AGE  STATE",
                        "web           1  12 s  served for a long time",
                        "database  12345   1 s  no");
    }

    @Test
    void proseIsCutFirst() {
        assertThat(lines(34)).contains("web           1  12 s  served for…");
    }

    @Test
    void thenColumnsAreLeftOutInTheirOrder() {
        assertThat(lines(30))
                .containsExactly("NAME       AGE  STATE", "web       12 s  served for a …", "database   1 s  no");
        assertThat(lines(22)).containsExactly("NAME      STATE", "web       served for …", "database  no");
    }

    @Test
    void atLastTheWidestColumnIsCut() {
        assertThat(lines(15)).containsExactly("NAME    STATE", "web     served…", "datab…  no");
        assertThat(lines(5)).containsExactly("NAME", "web", "data…");
    }

    @Test
    void noTitlesAndAllColumns() {
        assertThat(table.lines(new Look(Look.ENDLESS, false, true, false, "…")))
                .containsExactly("web           1  12 s  x   served for a long time", "database  12345   1 s  yy  no");
    }

    @Test
    void colourTakesNoRoom() {
        assertThat(table.lines(new Look(22, true, false, true, "…"))).contains("database  \u001b[31mno\u001b[0m");
    }

    @Test
    void whatIsWideTakesTwoColumns() {
        Table wide = new Table(Column.left("A"), Column.left("B"))
                .row(Cell.of("東京"), Cell.of("x"))
                .row(Cell.of("e\u0301"), Cell.of("y"));

        assertThat(wide.lines(new Look(80, false, false, false, "…"))).containsExactly("東京  x", "e\u0301     y");
        assertThat(TextWidth.of("東京-ｱ-한")).isEqualTo(9);
        assertThat(TextWidth.cut("東京東京", 6, "…")).isEqualTo("東京…");
    }

    @Test
    void aRowHasACellForEveryColumn() {
        assertThatThrownBy(() -> table.row(Cell.of("x"))).isInstanceOf(IllegalArgumentException.class);
    }
}
