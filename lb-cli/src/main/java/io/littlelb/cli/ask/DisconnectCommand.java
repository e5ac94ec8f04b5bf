package io.littlelb.cli.ask;

import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lb disconnect}: ends connections now. */
@Command(
        name = "disconnect",
        description =
                "Ends one connection, or all of a client, to a backend, or of a Service, with a reset. Says how many.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class DisconnectCommand extends OrderCommand {
    @Parameters(arity = "0..1", paramLabel = "ID", description = "As \"lb connections\" has it.")
    private Optional<String> id = Optional.empty();

    @Option(names = "--client", paramLabel = "ADDRESS[/LENGTH]", description = "All of this client or network.")
    private Optional<String> client = Optional.empty();

    @Option(names = "--backend", paramLabel = "ADDRESS[:PORT]", description = "All to this backend.")
    private Optional<String> backend = Optional.empty();

    @Option(
            names = "--service",
            paramLabel = "NAMESPACE/NAME",
            converter = ServiceName.Reader.class,
            description = "All of this Service.")
    private Optional<ServiceName> service = Optional.empty();

    DisconnectCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    void check() {
        long given = Stream.of(id, client, backend, service)
                .filter(Optional::isPresent)
                .count();
        if (given != 1) {
            throw wrongUse("name one: an ID, --client, --backend or --service");
        }
    }

    @Override
    void requireWhatIsNamed(Instance instance) throws NotAnsweredException {
        if (service.isPresent()) {
            ServicesCommand.require(instance, service.get());
        }
    }

    @Override
    Route order() {
        return Route.post("/v1/disconnect")
                .with("id", id)
                .with("client", client)
                .with("backend", backend)
                .only(service);
    }
}
