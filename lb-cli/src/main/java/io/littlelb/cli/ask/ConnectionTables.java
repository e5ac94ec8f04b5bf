package io.littlelb.cli.ask;

import static io.littlelb.cli.ask.Column.left;
import static io.littlelb.cli.ask.Column.right;
import static io.littlelb.cli.ask.Units.bytes;
import static io.littlelb.cli.ask.Units.count;
import static io.littlelb.cli.ask.Units.span;

import io.littlelb.admin.view.ConnectionView;
import io.littlelb.admin.view.ConnectionsView;
import io.littlelb.admin.view.EndedConnectionView;
import io.littlelb.admin.view.EndedView;
import io.littlelb.cli.ask.Cell.Mood;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Set;

/** Connections as tables: those there are, and those that have ended. */
final class ConnectionTables {
    /** What ends well is nobody's concern. */
    private static final Set<String> WELL = Set.of("client_closed", "backend_closed", "answered");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private ConnectionTables() {}

    static void live(ConnectionsView view, Screen screen, boolean onOnePage) {
        Table table = new Table(
                left("ID"),
                left("CLIENT"),
                left("SERVICE").leaves(3),
                left("FRONTEND").leaves(2),
                left("BACKEND"),
                right("AGE").leaves(6),
                right("IDLE").leaves(1),
                right("IN").leaves(5),
                right("OUT").leaves(4),
                left("STATE").prose(9));
        view.connections()
                .forEach(it -> table.row(
                        Cell.of(it.id()),
                        Cell.of(it.client()),
                        Cell.of(it.service()),
                        Cell.of(it.frontend()),
                        Cell.of(it.backend().orElse("-")),
                        Cell.of(span(it.ageSeconds())),
                        Cell.of(span(it.idleSeconds())),
                        Cell.of(bytes(it.bytesIn())),
                        Cell.of(bytes(it.bytesOut())),
                        state(it)));
        show(table, screen, onOnePage);
        screen.footer(count(view.connections().size()) + " of " + count(view.total()) + " connections");
    }

    private static void show(Table table, Screen screen, boolean onOnePage) {
        if (onOnePage) {
            screen.table(table, 1);
        } else {
            screen.table(table);
        }
    }

    private static Cell state(ConnectionView connection) {
        StringBuilder words = new StringBuilder(connection.state());
        if (connection.attempt() > 1) {
            words.append(", try ").append(connection.attempt());
        }
        if (!connection.failed().isEmpty()) {
            words.append(" (").append(String.join(", ", connection.failed())).append(')');
        }
        if (connection.draining()) {
            words.append(", draining");
        }
        boolean unusual = connection.draining() || !connection.failed().isEmpty();
        return Cell.of(words.toString(), unusual ? Mood.WARN : Mood.PLAIN);
    }

    static void ended(EndedView view, Screen screen, boolean onOnePage) {
        Table table = new Table(
                left("TIME"),
                left("CLIENT"),
                left("SERVICE").leaves(2),
                left("FRONTEND").leaves(1),
                left("BACKEND").leaves(5),
                right("LASTED").leaves(6),
                right("IN").leaves(4),
                right("OUT").leaves(3),
                left("END").prose(20));
        view.ended()
                .forEach(it -> table.row(
                        Cell.of(time(it.at())),
                        Cell.of(it.client()),
                        Cell.of(it.service()),
                        Cell.of(it.frontend()),
                        Cell.of(it.backend().orElse("-")),
                        Cell.of(lasted(it.lastedSeconds())),
                        Cell.of(bytes(it.bytesIn())),
                        Cell.of(bytes(it.bytesOut())),
                        end(it)));
        show(table, screen, onOnePage);
        if (view.ended().isEmpty()) {
            screen.footer("none has ended");
        }
    }

    /** The word's own words, so that whoever reads them knows what to ask for with --ending. */
    private static Cell end(EndedConnectionView ended) {
        String words = ended.ending().replace('_', ' ');
        return Cell.of(
                ended.detail().isEmpty() ? words : words + ": " + ended.detail(),
                WELL.contains(ended.ending()) ? Mood.PLAIN : Mood.WARN);
    }

    private static String time(Instant at) {
        return TIME.withZone(ZoneId.systemDefault()).format(at);
    }

    /** Most are over within milliseconds, and it matters how many. */
    private static String lasted(double seconds) {
        return seconds > 0 && seconds < 0.05 ? Units.latency(seconds) : Units.span(seconds);
    }
}
