package io.littlelb.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Windows as tables: medians, how far they spread, and each rate and cost as a ratio to haproxy with forced splice. */
final class Report {
    private final List<Peer> peers;
    private final List<Window> windows = new ArrayList<>();

    Report(List<Peer> peers) {
        this.peers = List.copyOf(peers);
    }

    void add(Window window) {
        windows.add(window);
    }

    /** One workload, for a console and for markdown alike. */
    String table(Workload workload) {
        StringBuilder text = new StringBuilder(workload + ": " + workload.description + "\n\n");
        text.append(
                line("peer", workload.rateUnit(), "spread", "ratio", workload.costUnit(), "ratio", "p50 us", "p99 us"));
        text.append(line("---", "---:", "---:", "---:", "---:", "---:", "---:", "---:"));
        for (Peer peer : peers) {
            double rate = median(peer, workload, Window::rate);
            double cost = median(peer, workload, Window::cost);
            text.append(line(
                    peer.label,
                    number(rate),
                    percent(spread(peer, workload) / rate),
                    number(rateRatio(peer, workload)),
                    number(cost),
                    number(costRatio(peer, workload)),
                    number(median(peer, workload, Window::p50Micros)),
                    number(median(peer, workload, Window::p99Micros))));
        }
        double foreign = windows.stream()
                .filter(window -> window.workload() == workload)
                .mapToDouble(Window::foreign)
                .max()
                .orElse(0);
        text.append(String.format(
                Locale.ROOT, "%nOther programs had at most %.1f %% of the machine in any window.%n", 100 * foreign));
        return text.toString();
    }

    List<Peer> peers() {
        return peers;
    }

    /** A peer's rate, where haproxy's with forced splice is 1; NaN or 0 where one of them has none. */
    double rateRatio(Peer peer, Workload workload) {
        return median(peer, workload, Window::rate) / median(Peer.HAPROXY, workload, Window::rate);
    }

    /** The same of its cost. */
    double costRatio(Peer peer, Workload workload) {
        return median(peer, workload, Window::cost) / median(Peer.HAPROXY, workload, Window::cost);
    }

    String markdown(List<Workload> workloads) {
        StringBuilder text = new StringBuilder();
        workloads.forEach(workload -> text.append(table(workload)).append('\n'));
        return text.toString();
    }

    private static String line(String... cells) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "| %-16s", cells[0]));
        for (int i = 1; i < cells.length; i++) {
            text.append(String.format(Locale.ROOT, "| %11s ", cells[i]));
        }
        return text.append("|\n").toString();
    }

    private double[] sorted(Peer peer, Workload workload, ToDoubleFunction<Window> figure) {
        return windows.stream()
                .filter(window -> window.peer() == peer && window.workload() == workload)
                .mapToDouble(figure)
                .sorted()
                .toArray();
    }

    /** NaN where nothing was measured. */
    private double median(Peer peer, Workload workload, ToDoubleFunction<Window> figure) {
        double[] sorted = sorted(peer, workload, figure);
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private double spread(Peer peer, Workload workload) {
        double[] sorted = sorted(peer, workload, Window::rate);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1] - sorted[0];
    }

    private static String percent(double share) {
        String number = number(100 * share);
        return number.isEmpty() ? "" : number + " %";
    }

    /** Three digits that matter; nothing where nothing was measured. */
    private static String number(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return "";
        }
        String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }
}
