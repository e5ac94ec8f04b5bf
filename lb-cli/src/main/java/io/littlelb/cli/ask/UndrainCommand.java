package io.littlelb.cli.ask;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lb undrain}: the way back from {@code lb drain}. */
@Command(
        name = "undrain",
        description = "Lets a Service that was drained have connections again.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class UndrainCommand extends OrderCommand {
    @Parameters(paramLabel = "NAMESPACE/NAME", description = "The Service.")
    private Optional<String> service = Optional.empty();

    UndrainCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    Route order() {
        return Route.post("/v1/undrain").of(service(service.orElseThrow()));
    }
}
