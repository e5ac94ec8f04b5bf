package io.littlelb.cli.ask;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lb log-level}: how much the running instance logs. */
@Command(
        name = "log-level",
        description = "Says how much the running instance logs, or has it log more or less, until it ends.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class LogLevelCommand extends OrderCommand {
    @Parameters(arity = "0..1", paramLabel = "LEVEL", description = "The new level, such as debug or info.")
    private Optional<String> level = Optional.empty();

    LogLevelCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    Route order() {
        return level.map(it -> Route.post("/v1/log-level").with("level", it)).orElse(Route.get("/v1/log-level"));
    }
}
