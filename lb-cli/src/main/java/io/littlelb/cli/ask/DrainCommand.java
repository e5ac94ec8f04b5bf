package io.littlelb.cli.ask;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lb drain}: takes a Service out of service, by and by. */
@Command(
        name = "drain",
        description = {
            "Lets a Service have no new connections: its ports are closed, its address stays, the connections it has go on.",
            "Until \"lb undrain\", or a restart."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class DrainCommand extends OrderCommand {
    @Parameters(paramLabel = "NAMESPACE/NAME", description = "The Service.")
    private Optional<String> service = Optional.empty();

    DrainCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    Route order() {
        return Route.post("/v1/drain").of(service(service.orElseThrow()));
    }
}
