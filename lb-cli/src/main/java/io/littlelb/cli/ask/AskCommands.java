package io.littlelb.cli.ask;

import java.util.List;
import java.util.concurrent.Callable;

/** The commands that ask a running instance, by name. Only the class of the one that is made is loaded. */
public final class AskCommands {
    /** In the order in which they are listed. */
    public static final List<String> NAMES = List.of(
            "status",
            "services",
            "addresses",
            "backends",
            "connections",
            "top",
            "explain",
            "events",
            "drain",
            "undrain",
            "disconnect",
            "reload",
            "log-level");

    private AskCommands() {}

    /** One of them, ready to be given its arguments. */
    public static Callable<Integer> of(String name, Surroundings surroundings) {
        return switch (name) {
            case "status" -> new StatusCommand(surroundings);
            case "services" -> new ServicesCommand(surroundings);
            case "addresses" -> new AddressesCommand(surroundings);
            case "backends" -> new BackendsCommand(surroundings);
            case "connections" -> new ConnectionsCommand(surroundings);
            case "top" -> new TopCommand(surroundings);
            case "explain" -> new ExplainCommand(surroundings);
            case "events" -> new EventsCommand(surroundings);
            case "drain" -> new DrainCommand(surroundings);
            case "undrain" -> new UndrainCommand(surroundings);
            case "disconnect" -> new DisconnectCommand(surroundings);
            case "reload" -> new ReloadCommand(surroundings);
            case "log-level" -> new LogLevelCommand(surroundings);
            default -> throw new IllegalArgumentException("there is no command " + name);
        };
    }
}
