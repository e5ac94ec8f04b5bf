package io.littlelb.cli.ask;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows under titles, aligned, and made to fit. Where there is no room, prose is cut first, to what it may be cut to; then columns are left out, in the order that
 * they name; and if that is not enough, whichever column is the widest is cut. A line is never wider than the room.
 */
final class Table {
    private static final String GAP = "  ";
    /** A column that is cut to less says nothing. */
    private static final int NARROWEST = 6;

    private final List<Column> columns;
    private final List<List<Cell>> rows = new ArrayList<>();

    Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /** How it is to look. */
    record Look(int room, boolean titles, boolean all, boolean colours, String mark) {
        /** Where nothing is cut. */
        static final int ENDLESS = Integer.MAX_VALUE;
    }

    Table row(Cell... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    List<String> lines(Look look) {
        List<Integer> shown = IntStream.range(0, columns.size())
                .filter(i -> look.all() || !columns.get(i).onlyWide())
                .boxed()
                .toList();
        int[] widths = new int[columns.size()];
        for (int leaving = 0; ; leaving++) {
            int turn = leaving;
            List<Integer> stay = shown.stream()
                    .filter(i -> columns.get(i).leaves() == 0 || columns.get(i).leaves() > turn)
                    .toList();
            long excess = cutProse(stay, widths, look);
            if (excess <= 0 || shown.stream().noneMatch(i -> columns.get(i).leaves() > turn)) {
                squeeze(stay, widths, excess);
                return draw(stay, widths, look);
            }
        }
    }

    /** Tells by how much it is too wide all the same. */
    private long cutProse(List<Integer> stay, int[] widths, Look look) {
        stay.forEach(i -> widths[i] = natural(i, look));
        long excess =
                (long) stay.stream().mapToInt(i -> widths[i] + GAP.length()).sum() - GAP.length() - look.room();
        for (int at = stay.size() - 1; at >= 0 && excess > 0; at--) {
            int i = stay.get(at);
            long less = Math.max(
                    0, Math.min(excess, (long) widths[i] - columns.get(i).least()));
            widths[i] -= (int) less;
            excess -= less;
        }
        return excess;
    }

    private static void squeeze(List<Integer> stay, int[] widths, long excess) {
        for (long left = excess; left > 0; left--) {
            int widest = stay.stream().max(Comparator.comparing(i -> widths[i])).orElseThrow();
            if (widths[widest] <= NARROWEST) {
                return;
            }
            widths[widest]--;
        }
    }

    private int natural(int column, Look look) {
        int title = look.titles() ? TextWidth.of(columns.get(column).title()) : 0;
        return Math.max(
                title,
                rows.stream()
                        .mapToInt(row -> TextWidth.of(row.get(column).text()))
                        .max()
                        .orElse(0));
    }

    private List<String> draw(List<Integer> stay, int[] widths, Look look) {
        List<String> lines = new ArrayList<>();
        if (look.titles()) {
            lines.add(line(columns.stream().map(it -> Cell.of(it.title())).toList(), stay, widths, look));
        }
        rows.forEach(row -> lines.add(line(row, stay, widths, look)));
        return lines;
    }

    private String line(List<Cell> row, List<Integer> stay, int[] widths, Look look) {
        StringBuilder line = new StringBuilder();
        int room = look.room();
        for (int at = 0; at < stay.size() && room > 0; at++) {
            int i = stay.get(at);
            int width = Math.min(widths[i], room);
            String text = TextWidth.cut(row.get(i).text(), width, look.mark());
            String blanks = " ".repeat(width - TextWidth.of(text));
            String painted = row.get(i).mood().paint(text, look.colours());
            line.append(columns.get(i).right() ? blanks + painted : painted + blanks);
            room -= width;
            if (at < stay.size() - 1 && room > GAP.length()) {
                line.append(GAP);
            }
            room -= GAP.length();
        }
        return line.toString().stripTrailing();
    }
}
