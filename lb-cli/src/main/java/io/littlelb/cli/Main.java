package io.littlelb.cli;

import com.google.common.base.Throwables;
import io.littlelb.cli.ask.AskCommands;
import io.littlelb.cli.ask.Surroundings;
import io.littlelb.core.model.Shown;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: finds the command that is meant, and turns what goes wrong into one line and an exit code. */
@Command(
        name = "lb",
        description = "Little LB makes Services of type LoadBalancer work on bare metal.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "\"lb help COMMAND\" explains a command.",
            "Every flag can come from the environment: --drain-timeout from LB_DRAIN_TIMEOUT;",
            "those of run and check from the file that --config names, too."
        })
final class Main {
    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;

    private Main() {}

    /** The version and the commit, as the jar's manifest has them. */
    static final class Version implements CommandLine.IVersionProvider {
        static String text() {
            return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                    .orElse("from no jar");
        }

        @Override
        public String[] getVersion() {
            return new String[] {"lb " + text()};
        }
    }

    /** Ends the JVM with 0, 1 when the command failed, 2 when it was used wrongly. */
    public static void main(String[] arguments) {
        LastWords.listenEverywhere();
        System.exit(runOrSayWhyNot(arguments));
    }

    private static int runOrSayWhyNot(String... arguments) {
        try {
            return run(System.err, arguments);
        } catch (LinkageError e) {
            String why = Throwables.getRootCause(e)
                    .toString()
                    .lines()
                    .findFirst()
                    .orElse(""); // JNR puts a whole stack trace into its message
            System.err.println("lb: the native code of JNR cannot be loaded: " + why
                    + "; if it is because of where it is unpacked to, name a directory that programs may be run from:"
                    + " JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIRECTORY");
            return FAILED;
        }
    }

    /** Runs a command; what is wrong with it goes to {@code err}. */
    static int run(PrintStream err, String... arguments) {
        return run(Surroundings.ofThisProcess(err), arguments);
    }

    /** Runs a command among other things than those of this process. */
    static int run(Surroundings surroundings, String... arguments) {
        try {
            return run(surroundings, given(List.of(arguments), surroundings.environment()), arguments);
        } catch (UsageException wrongFile) {
            return wrongUse(surroundings.err(), Shown.escaped(wrongFile.getMessage()));
        }
    }

    /** What is given to a command, here and there. */
    static GivenValues given(List<String> arguments) throws UsageException {
        return given(arguments, System.getenv());
    }

    static GivenValues given(List<String> arguments, Map<String, String> environment) throws UsageException {
        GivenValues values = GivenValues.of(arguments, environment);
        return values.withFile(() -> line(values));
    }

    /** The program's commands that serve, with values from here and there. */
    static CommandLine line(GivenValues values) {
        return withValues(serving(), values);
    }

    private static CommandLine serving() {
        return new CommandLine(new Main())
                .addSubcommand(new RunCommand())
                .addSubcommand(new CheckCommand())
                .addSubcommand(new RelayCommand());
    }

    /** A command that asks is known to no other, and these are not looked at: whoever asks waits, and they have most of the program behind them. */
    private static CommandLine meant(Surroundings surroundings, String... arguments) {
        if (arguments.length > 0 && AskCommands.NAMES.contains(arguments[0])) {
            return new CommandLine(new Main()).addSubcommand(arguments[0], AskCommands.of(arguments[0], surroundings));
        }
        CommandLine line = serving();
        AskCommands.NAMES.forEach(name -> line.addSubcommand(name, AskCommands.of(name, surroundings)));
        return line.addSubcommand(new CommandLine.HelpCommand());
    }

    private static CommandLine withValues(CommandLine line, GivenValues values) {
        WrongWords.install(line);
        line.setDefaultValueProvider(values);
        line.getSubcommands().values().forEach(command -> command.setDefaultValueProvider(values));
        return line;
    }

    private static int run(Surroundings surroundings, GivenValues values, String... arguments) {
        PrintStream err = surroundings.err();
        CommandLine line = withValues(meant(surroundings, arguments), values)
                .setOut(new PrintWriter(surroundings.out(), true, surroundings.charset()))
                .setErr(new PrintWriter(err, true, surroundings.charset()))
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((wrong, given) -> wrongUse(
                        err,
                        Shown.escaped(values.named(
                                        WrongWords.of(wrong),
                                        wrong.getCommandLine().getCommandSpec()))
                                + "; see: "
                                + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help"))
                .setExecutionExceptionHandler((failure, command, result) ->
                        failed(err, failure, message -> values.named(message, command.getCommandSpec())));
        if (arguments.length == 0) {
            line.usage(err);
            return WRONG_USE;
        }
        return line.execute(arguments);
    }

    private static int failed(PrintStream err, Exception failure, UnaryOperator<String> named) throws Exception {
        if (failure instanceof UsageException) {
            return wrongUse(err, Shown.escaped(named.apply(failure.getMessage())));
        }
        if (failure instanceof java.io.IOException) {
            err.println("lb: " + Shown.escaped(failure.getMessage()));
            return FAILED;
        }
        throw failure;
    }

    private static int wrongUse(PrintStream err, String message) {
        err.println("lb: " + message);
        return WRONG_USE;
    }
}
