package io.littlelb.cli.ask;

import static io.littlelb.cli.ask.Column.left;
import static io.littlelb.cli.ask.Column.right;
import static io.littlelb.cli.ask.Units.count;

import io.littlelb.admin.view.AddressView;
import io.littlelb.admin.view.AddressesView;
import io.littlelb.admin.view.PoolView;
import io.littlelb.cli.ask.Cell.Mood;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;

/** {@code lb addresses}: who has which address, and what the pools still have. */
@Command(
        name = "addresses",
        description =
                "Shows which addresses are held, by which Services, and how they fare on the link; and the pools.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class AddressesCommand extends AskCommand {
    private static final Set<String> WELL = Set.of("present", "adopted");
    private static final Set<String> ILL = Set.of("conflict", "failed");

    AddressesCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        Instance.Told<AddressesView> told = instance.ask(Route.get("/v1/addresses"), AddressesView.class);
        if (!screen.showsAsItCame(told.json())) {
            draw(told.view().addresses(), screen);
            if (!told.view().pools().isEmpty()) {
                screen.line("");
                pools(told.view().pools(), screen);
            }
        }
        return DONE;
    }

    private static void draw(List<AddressView> addresses, Screen screen) {
        Table table = new Table(
                left("ADDRESS"),
                left("LINK").leaves(2),
                left("OWNER").leaves(4),
                left("HOLDER"),
                right("SINCE").leaves(3),
                right("ANNOUNCED").leaves(1),
                left("STATE").prose(24));
        addresses.forEach(it -> table.row(
                Cell.of(it.ip()),
                Cell.of(it.link()),
                Cell.of(it.owner()),
                Cell.list(it.holders(), ","),
                Cell.of(Units.span(it.sinceSeconds())),
                Cell.of(it.announcedSeconds().map(at -> Units.span(at) + " ago").orElse("-")),
                Cell.of(it.detail().isEmpty() ? it.state() : it.state() + ": " + it.detail(), mood(it.state()))));
        screen.table(table);
        if (addresses.isEmpty()) {
            screen.footer("no addresses");
        }
    }

    private static Mood mood(String state) {
        if (WELL.contains(state)) {
            return Mood.PLAIN;
        }
        return ILL.contains(state) ? Mood.BAD : Mood.WARN;
    }

    private static void pools(List<PoolView> pools, Screen screen) {
        Table table = new Table(
                left("POOL"),
                left("FAMILY").leaves(2),
                right("USED"),
                right("SIZE"),
                left("NAMESPACES").leaves(1),
                left("RANGES"));
        pools.forEach(it -> table.row(
                Cell.of(it.name()),
                Cell.of(it.family()),
                Cell.of(count(it.used()), it.used() >= it.size() ? Mood.BAD : Mood.PLAIN),
                Cell.of(size(it.size())),
                it.namespaces().isEmpty() ? Cell.of("all") : Cell.list(it.namespaces(), ","),
                Cell.list(it.ranges(), ",")));
        screen.table(table);
    }

    /** One of IPv6 may have more than anybody counts. */
    private static String size(long size) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(size);
        return bits < 50 ? count(size) : "over 2^" + (bits - 1);
    }
}
