package io.littlelb.cli.ask;

import static io.littlelb.cli.ask.Units.ago;
import static io.littlelb.cli.ask.Units.bits;
import static io.littlelb.cli.ask.Units.bytes;
import static io.littlelb.cli.ask.Units.count;
import static io.littlelb.cli.ask.Units.perSecond;
import static io.littlelb.cli.ask.Units.span;

import io.littlelb.admin.view.ComplaintView;
import io.littlelb.admin.view.StatusView;
import io.littlelb.admin.view.StatusView.State;
import io.littlelb.cli.ask.Cell.Mood;
import java.util.ArrayList;
import java.util.List;

/** How an instance fares, on a dozen lines or one. */
record StatusText(StatusView status) {
    private static final int INDENT = 12;
    /** What is not served is a table of its own, {@code lb services}; here are the first ones. */
    private static final int COMPLAINTS = 5;

    /** {@code serving 4 of 5, cluster heard 0.4 s ago}. */
    String brief() {
        return status.state() + " " + status.services().served() + " of "
                + status.services().wanted() + ", source heard "
                + ago(status.source().heardSeconds())
                + status.problems().stream().findFirst().map(it -> "; " + it).orElse("");
    }

    void draw(Screen screen) {
        process(screen);
        status.problems().forEach(problem -> row(screen, "problem", List.of(Cell.of(problem, Mood.BAD))));
        link(screen);
        source(screen);
        services(screen);
        backends(screen);
        traffic(screen);
        memory(screen);
        lastPass(screen);
    }

    private static void row(Screen screen, String label, List<Cell> parts) {
        screen.parts(Cell.of(label), INDENT, parts);
    }

    private void process(Screen screen) {
        StatusView.OfProcess process = status.process();
        screen.parts(
                Cell.of("Little LB"),
                INDENT,
                List.of(
                        Cell.of(status.version()),
                        Cell.of(status.state().toString(), mood(status.state())),
                        Cell.of("process " + process.pid() + " on " + process.host() + ", up "
                                + span(process.upSeconds()) + ", user " + process.user())));
    }

    private static Mood mood(State state) {
        return switch (state) {
            case serving -> Mood.GOOD;
            case degraded -> Mood.BAD;
            default -> Mood.WARN;
        };
    }

    private void link(Screen screen) {
        StatusView.OfLink link = status.link();
        List<Cell> parts = new ArrayList<>(List.of(
                Cell.of(link.name() + " " + link.state(), link.state().equals("up") ? Mood.PLAIN : Mood.BAD),
                Cell.list(link.addresses(), ", "),
                Cell.of("ours: " + count(link.ours()) + ", announced " + ago(link.announcedSeconds()))));
        if (link.conflicts() > 0) {
            parts.add(Cell.of("conflicts: " + count(link.conflicts()), Mood.WARN));
        }
        if (link.repairs() > 0) {
            parts.add(Cell.of("put back: " + count(link.repairs()), Mood.WARN));
        }
        row(screen, "link", parts);
    }

    private void source(Screen screen) {
        List<Cell> parts = new ArrayList<>(List.of(
                Cell.of(status.source().place()),
                Cell.of(status.process().mode()),
                Cell.of("last heard " + ago(status.source().heardSeconds()))));
        status.source().trouble().ifPresent(trouble -> parts.add(Cell.of(trouble, Mood.BAD)));
        row(screen, "source", parts);
    }

    private void services(Screen screen) {
        StatusView.OfServices services = status.services();
        int not = services.wanted() - services.served();
        List<Cell> parts = new ArrayList<>(List.of(Cell.of(count(services.served()) + " served")));
        if (not > 0) {
            parts.add(Cell.of(count(not) + " not", Mood.BAD));
        }
        if (services.drained() > 0) {
            parts.add(Cell.of(count(services.drained()) + " drained", Mood.WARN));
        }
        row(screen, "services", parts);
        status.complaints().stream().limit(COMPLAINTS).forEach(it -> row(screen, "", List.of(complaint(it))));
        if (status.complaints().size() > COMPLAINTS) {
            row(screen, "", List.of(Cell.of("and more: lb services")));
        }
    }

    private static Cell complaint(ComplaintView complaint) {
        return Cell.of(complaint.service() + ": " + complaint.reason() + ": " + complaint.message(), Mood.BAD);
    }

    private void backends(Screen screen) {
        int ejected = status.backends().ejected();
        List<Cell> parts =
                new ArrayList<>(List.of(Cell.of(count(status.backends().listed()) + " listed")));
        if (ejected > 0) {
            parts.add(Cell.of(count(ejected) + " ejected", Mood.WARN));
        }
        row(screen, "backends", parts);
    }

    private void traffic(Screen screen) {
        StatusView.OfTraffic traffic = status.traffic();
        List<Cell> parts = new ArrayList<>(List.of(
                Cell.of(count(traffic.connections()) + " connections of " + count(traffic.connectionLimit())
                        + " at most"),
                Cell.of(perSecond(traffic.rates().connections()) + " new"),
                Cell.of(bits(traffic.rates().bytesIn()) + " in"),
                Cell.of(bits(traffic.rates().bytesOut()) + " out"),
                Cell.of("since start: " + count(traffic.accepted()) + " accepted, " + count(traffic.refused())
                        + " refused")));
        if (traffic.paused()) {
            parts.add(Cell.of("full: clients wait in the kernel's queue", Mood.BAD));
        }
        row(screen, "traffic", parts);
    }

    private void memory(Screen screen) {
        StatusView.OfProcess process = status.process();
        row(
                screen,
                "memory",
                List.of(
                        Cell.of("heap " + bytes(process.heap()) + " of " + bytes(process.heapLimit())),
                        Cell.of("process " + bytes(process.resident())),
                        Cell.of(count(process.descriptors()) + " descriptors of " + count(process.descriptorLimit()))));
    }

    private void lastPass(Screen screen) {
        row(
                screen,
                "last pass",
                status.lastPass()
                        .map(pass -> List.of(
                                Cell.of(span(pass.agoSeconds()) + " ago, in " + Units.latency(pass.tookSeconds())),
                                Cell.of(
                                        count(pass.steps()) + " steps, " + count(pass.failedSteps()) + " failed",
                                        pass.failedSteps() > 0 ? Mood.WARN : Mood.PLAIN),
                                Cell.of(count(pass.passes()) + " passes since start")))
                        .orElse(List.of(Cell.of("none yet", Mood.WARN))));
    }
}
