package io.littlelb.admin;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.littlelb.admin.view.AddressView;
import io.littlelb.admin.view.AddressesView;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.LinkCounters;
import io.littlelb.core.model.Shown;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;

/** The metrics of the instance itself: link, addresses, pools, source, passes, threads. */
final class InstanceMetrics {
    private final Observation seen;
    private final AddressesView addresses;
    private final OwnProcess process;

    InstanceMetrics(Observation seen, AddressesView addresses, OwnProcess process) {
        this.seen = seen;
        this.addresses = addresses;
        this.process = process;
    }

    void into(Families families) {
        ofTheProgram(families);
        ofTheLink(families);
        ofTheSource(families);
        ofPasses(families);
        ofTheForwarder(families);
    }

    private static double seconds(Instant instant) {
        return instant.toEpochMilli() / 1e3;
    }

    private static void one(Families families, String name, String help, long value) {
        families.gauge(name, help, points -> points.add(value, Labels.EMPTY));
    }

    private static void counted(Families families, String name, String help, long value, Labels labels) {
        families.counter(name, help, points -> points.add(value, labels));
    }

    private void ofTheProgram(Families families) {
        families.gauge(
                "build_info",
                "The program; always 1.",
                points -> points.add(
                        1,
                        Labels.of(
                                "version", seen.instance().version(),
                                "java", Runtime.version().toString(),
                                "mode", seen.instance().mode(),
                                "link", seen.instance().addresses().link().name())));
        families.gauge(
                "start_time_seconds",
                "When the process started, in seconds since 1970.",
                points -> points.add(seconds(process.startedAt()), Labels.EMPTY));
        one(
                families,
                "ready",
                "Whether all Services are known and a pass was made.",
                seen.pass().filter(PassResult::synced).isPresent() ? 1 : 0);
    }

    private void ofTheLink(Families families) {
        Link link = seen.instance().addresses().link();
        Labels name = Labels.of("link", link.name());
        LinkCounters counters = seen.linkCounters();
        families.gauge(
                "link_up",
                "Whether the link is there and up.",
                points -> points.add(link.state() == Link.State.UP ? 1 : 0, name));
        counted(
                families,
                "announcements",
                "Frames that told the network where an address is.",
                counters.announcements(),
                name);
        counted(
                families,
                "address_conflicts",
                "Times another host was seen to use an address of ours.",
                counters.conflicts(),
                name);
        counted(
                families,
                "address_repairs",
                "Times an address was put back that something took away.",
                counters.repairs(),
                name);
        Map<String, Long> states = addresses.addresses().stream()
                .filter(address ->
                        !address.holders().isEmpty() || address.owner().equals("ours"))
                .collect(groupingBy(AddressView::state, counting()));
        families.gauge(
                "addresses",
                "Addresses that Services hold or that are ours, by how they stand.",
                points -> Stream.concat(Stream.of(AddressStatus.State.values()).map(Shown::word), Stream.of("absent"))
                        .forEach(state -> points.add(states.getOrDefault(state, 0L), Labels.of("state", state))));
        families.gauge(
                "pool_addresses",
                "Addresses of a pool.",
                points -> addresses
                        .pools()
                        .forEach(pool ->
                                points.add(pool.size(), Labels.of("pool", pool.name(), "family", pool.family()))));
        families.gauge(
                "pool_addresses_used",
                "Addresses of a pool that Services hold.",
                points -> addresses
                        .pools()
                        .forEach(pool ->
                                points.add(pool.used(), Labels.of("pool", pool.name(), "family", pool.family()))));
    }

    private void ofTheSource(Families families) {
        one(
                families,
                "source_live",
                "Whether what is known of Services is of now.",
                seen.contact().isLive() ? 1 : 0);
        families.gauge(
                "source_last_contact_timestamp_seconds",
                "When the source of Services was last heard, in seconds since 1970.",
                points -> seen.contact().heardAt().ifPresent(heard -> points.add(seconds(heard), Labels.EMPTY)));
        families.counter(
                "kubernetes_requests",
                "Requests to the API server; code none where there was no answer.",
                points -> seen.instance()
                        .source()
                        .requests()
                        .forEach((request, count) -> points.add(
                                count,
                                Labels.of(
                                        "verb",
                                        request.verb(),
                                        "resource",
                                        request.resource(),
                                        "code",
                                        request.result()))));
    }

    private void ofPasses(Families families) {
        families.histogram(
                "pass_duration_seconds",
                "How long passes took.",
                Tallies.BOUNDS,
                points -> points.add(seen.sums().durations(), seen.sums().sum(), Labels.EMPTY));
        families.counter(
                "pass_steps",
                "Steps that passes took, by how that went.",
                points -> seen.sums()
                        .steps()
                        .forEach((taken, count) ->
                                points.add(count, Labels.of("step", taken.step(), "result", taken.result()))));
        families.gauge(
                "last_pass_timestamp_seconds",
                "When the last pass ended, in seconds since 1970.",
                points -> seen.pass().ifPresent(pass -> points.add(seconds(pass.at()), Labels.EMPTY)));
    }

    private void ofTheForwarder(Families families) {
        ForwarderLoad load = seen.load();
        families.counter(
                "loop_busy_seconds",
                "For how long a thread that moves bytes had something to do.",
                points -> load.threads()
                        .forEach(thread ->
                                points.add(thread.busy().toNanos() / 1e9, Labels.of("thread", thread.name()))));
        one(
                families,
                "connections_limit",
                "Connections at most; more wait in the kernel's queue.",
                load.connectionLimit());
        one(families, "accept_paused", "Whether clients wait for want of connections.", load.paused() ? 1 : 0);
        one(families, "pipes_borrowed", "Kernel pipes that bytes are in now.", load.pipes());
    }
}
