package io.littlelb.bench;

import java.util.List;
import java.util.Locale;

/**
 * Ratios as bars, in SVG: for each workload and peer, rate and CPU beside those of haproxy with forced splice, which is the line. A rate is better
 * to the right of the line, CPU to the left.
 */
final class Chart {
    private static final int LABEL = 130;
    private static final int BAR = 260;
    private static final int GAP = 90;
    private static final int ROW = 16;
    private static final int TITLE = 34;
    private static final int WIDTH = LABEL + 2 * (BAR + GAP);
    /** The ratio at the right end; longer bars end there, and say so by their number. */
    private static final double MOST = 3;

    private final Report report;
    private final StringBuilder svg = new StringBuilder();
    private int y;

    private Chart(Report report) {
        this.report = report;
    }

    /** The chart of what a report has of these workloads; memory is left to the table. */
    static String of(Report report, List<Workload> workloads) {
        Chart chart = new Chart(report);
        workloads.stream().filter(workload -> workload != Workload.IDLE).forEach(chart::add);
        return format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                                + " font-size=\"11\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                        WIDTH, chart.y + ROW)
                + chart.svg
                + "</svg>\n";
    }

    private void add(Workload workload) {
        y += TITLE;
        text(4, workload + ": " + workload.description, "font-weight=\"bold\"");
        text(LABEL + BAR + GAP - 30, "rate", "text-anchor=\"end\"");
        text(WIDTH - 30, "CPU", "text-anchor=\"end\"");
        int top = y + ROW / 2;
        for (Peer peer : report.peers()) {
            y += ROW;
            text(LABEL - 6, peer.label, "text-anchor=\"end\"");
            bar(LABEL, peer, report.rateRatio(peer, workload));
            bar(LABEL + BAR + GAP, peer, report.costRatio(peer, workload));
        }
        line(LABEL, top);
        line(LABEL + BAR + GAP, top);
    }

    /** Nothing where nothing was measured. */
    private void bar(int x, Peer peer, double ratio) {
        if (ratio > 0 && Double.isFinite(ratio)) {
            double width = Math.min(ratio, MOST) / MOST * BAR;
            String colour = peer == Peer.OURS ? "#1f6fb2" : peer == Peer.OURS_BUSY ? "#7fb2dd" : "#b8b8b8";
            svg.append(format(
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                    x, y - ROW + 6, width, ROW - 4, colour));
            text((int) (x + width + 4), format("%.2f", ratio), "");
        }
    }

    private void line(int x, int top) {
        double one = x + BAR / MOST;
        svg.append(format(
                "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#c03028\"/>%n", one, top, one, y + 4));
    }

    private void text(int x, String text, String attributes) {
        svg.append(format("<text x=\"%d\" y=\"%d\" %s>%s</text>%n", x, y, attributes, text));
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
