package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import com.google.common.base.Splitter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where the values of flags come from: the command line, else the environment, else the file that {@code --config} names, else the flag itself. What is wrong
 * with a value from the file is told in the same words as with one of a flag, but with the file and the key instead of the flag.
 */
final class GivenValues implements IDefaultValueProvider {
    private static final Set<String> COMMANDS_WITH_A_FILE = Set.of("run", "check");
    private static final Pattern FLAGS = Pattern.compile("^--[a-z-]+(, --[a-z-]+)*");

    private final List<String> arguments;
    private final EnvironmentDefaults environment;
    private final Optional<ConfigFile> file;

    private GivenValues(List<String> arguments, EnvironmentDefaults environment, Optional<ConfigFile> file) {
        this.arguments = arguments;
        this.environment = environment;
        this.file = file;
    }

    /** Without a file. */
    static GivenValues of(List<String> arguments, Map<String, String> environment) {
        return new GivenValues(arguments, new EnvironmentDefaults(environment), Optional.empty());
    }

    /**
     * With the file, if one is named for a command that takes one.
     *
     * @param program for its flags; not looked at for other commands
     */
    GivenValues withFile(Supplier<CommandLine> program) throws UsageException {
        Optional<Path> named = config();
        if (arguments.isEmpty() || !COMMANDS_WITH_A_FILE.contains(arguments.get(0)) || named.isEmpty()) {
            return this;
        }
        CommandLine command = program.get().getSubcommands().get("run");
        return new GivenValues(arguments, environment, Optional.of(ConfigFile.read(named.get(), command)));
    }

    /** Before the command line is parsed: what is in the file takes part in that. */
    private Optional<Path> config() throws UsageException {
        Optional<String> named = Optional.ofNullable(environment.value("--config"));
        for (Iterator<String> each = arguments.iterator(); each.hasNext(); ) {
            String argument = each.next();
            if (argument.equals("--config") && each.hasNext()) {
                named = Optional.of(each.next());
            } else if (argument.startsWith("--config=")) {
                named = Optional.of(argument.substring("--config=".length()));
            }
        }
        return named.isEmpty() || named.get().isEmpty()
                ? Optional.empty()
                : Optional.of(PathText.parse("--config", named.get()));
    }

    @Override
    public String defaultValue(ArgSpec argument) {
        String value = environment.defaultValue(argument);
        return value == null && argument instanceof OptionSpec option
                ? file.flatMap(config -> config.value(option)).orElse(null) // picocli's word for "no default from here"
                : value;
    }

    /** Whether the file decides on the value of a flag. */
    boolean isFromFile(OptionSpec option) {
        return file.flatMap(config -> config.value(option)).isPresent()
                && environment.defaultValue(option) == null
                && List.of(option.names()).stream()
                        .noneMatch(name -> arguments.stream()
                                .anyMatch(argument -> argument.equals(name) || argument.startsWith(name + "=")));
    }

    /** What is wrong, told of the file where the flags that it begins with have their values from there. */
    String named(String message, CommandSpec command) {
        Matcher flags = FLAGS.matcher(message);
        if (file.isEmpty() || !flags.find()) {
            return message;
        }
        List<String> names = Splitter.on(", ").splitToList(flags.group());
        String inTheFile = names.stream()
                .filter(name -> command.findOption(name) != null && isFromFile(command.findOption(name)))
                .map(name -> name.substring(2))
                .collect(joining(", "));
        if (inTheFile.isEmpty()) {
            return message;
        }
        String others = names.stream()
                .filter(name -> command.findOption(name) == null || !isFromFile(command.findOption(name)))
                .map(name -> ", " + name)
                .collect(joining());
        return file.get() + ": " + inTheFile + others + message.substring(flags.end());
    }
}
