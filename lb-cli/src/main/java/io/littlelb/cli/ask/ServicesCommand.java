package io.littlelb.cli.ask;

import static io.littlelb.cli.ask.Column.left;
import static io.littlelb.cli.ask.Column.right;
import static io.littlelb.cli.ask.Units.bits;
import static io.littlelb.cli.ask.Units.bytes;
import static io.littlelb.cli.ask.Units.count;
import static io.littlelb.cli.ask.Units.perSecond;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import io.littlelb.admin.view.ServiceView;
import io.littlelb.admin.view.ServicesView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lb services}: what is served, where, and how much of it. */
@Command(
        name = "services",
        description = "Shows the Services that the running instance serves, or should.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class ServicesCommand extends AskCommand {
    @Parameters(
            arity = "0..*",
            paramLabel = "NAMESPACE/NAME",
            description = "Only these. A name alone is one of the namespace default.")
    private List<String> names = List.of();

    ServicesCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        Instance.Told<ServicesView> told =
                ask(instance, names.stream().map(this::service).toList());
        if (!screen.showsAsItCame(told.json())) {
            draw(told.view().services(), screen);
        }
        return DONE;
    }

    /** Makes sure that a Service is one to serve. */
    static void require(Instance instance, ServiceName name) throws NotAnsweredException {
        ask(instance, List.of(name));
    }

    private static Instance.Told<ServicesView> ask(Instance instance, List<ServiceName> wanted)
            throws NotAnsweredException {
        Route route = Route.get("/v1/services").with("service", list(wanted));
        Instance.Told<ServicesView> told = instance.ask(route, ServicesView.class);
        requireAll(wanted, told.view());
        return told;
    }

    private static Optional<String> list(List<ServiceName> wanted) {
        return wanted.isEmpty()
                ? Optional.empty()
                : Optional.of(wanted.stream().map(ServiceName::toString).collect(joining(",")));
    }

    private static void requireAll(List<ServiceName> wanted, ServicesView view) throws NotAnsweredException {
        Set<String> there = view.services().stream().map(ServiceView::service).collect(toSet());
        String missing = wanted.stream()
                .map(ServiceName::toString)
                .filter(name -> !there.contains(name))
                .collect(joining(", "));
        if (!missing.isEmpty()) {
            throw new NotAnsweredException(
                    NotAnsweredException.NO_SUCH_SERVICE, "there is no such Service to serve: " + missing);
        }
    }

    private static void draw(List<ServiceView> services, Screen screen) {
        Table table = new Table(
                left("SERVICE"),
                left("ADDRESS"),
                left("PORTS"),
                right("BACKENDS"),
                right("CONNS").leaves(4),
                right("NEW").leaves(3),
                right("IN").leaves(2),
                right("OUT").leaves(1),
                right("ACCEPTED").wide(),
                right("REFUSED").wide(),
                right("TOTAL IN").wide(),
                right("TOTAL OUT").wide(),
                left("STATE").prose(24));
        services.forEach(it -> table.row(
                Cell.of(it.service()),
                Cell.list(it.addresses().stream().map(ServiceView.OfAddress::ip).toList(), " "),
                Cell.list(ServiceState.ports(it), ","),
                Cell.of(it.backendsAnswering() + "/" + it.backendsListed(), ServiceState.ofBackends(it)),
                Cell.of(count(it.connections())),
                Cell.of(perSecond(it.rates().connections())),
                Cell.of(bits(it.rates().bytesIn())),
                Cell.of(bits(it.rates().bytesOut())),
                Cell.of(count(it.accepted())),
                Cell.of(count(it.refused())),
                Cell.of(bytes(it.bytesIn())),
                Cell.of(bytes(it.bytesOut())),
                ServiceState.of(it)));
        screen.table(table);
        if (services.isEmpty()) {
            screen.footer("no Services to serve");
        }
    }
}
