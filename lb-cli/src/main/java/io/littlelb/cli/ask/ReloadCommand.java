package io.littlelb.cli.ask;

import picocli.CommandLine.Command;

/** {@code lb reload}: the same as SIGHUP, and says what came of it. */
@Command(
        name = "reload",
        description =
                "Has the running instance read its files again: the configuration, and the Services if they are in one.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class ReloadCommand extends OrderCommand {
    ReloadCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    Route order() {
        return Route.post("/v1/reload");
    }
}
