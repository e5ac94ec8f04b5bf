package io.littlelb.testkit.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The program lb as a process of its own, on this JVM and its classpath, in the network of the thread that starts it. What it
 * writes goes to a file. A terminal's Ctrl-C does not reach it, and no signal is ignored because whoever started this JVM ignores it: it ends with
 * this JVM.
 */
public final class LbProcess implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;

    private final Process process;
    private final Path log;

    private LbProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it; the file for its output is made in {@code directory}. */
    public static LbProcess start(Path directory, String... arguments) throws IOException {
        return start(directory, List.of(), arguments);
    }

    /** The same, with options for its JVM, such as {@code -Xmx32m}. */
    public static LbProcess start(Path directory, List<String> options, String... arguments) throws IOException {
        return run(directory, command(options, arguments));
    }

    /** Starts another program of this classpath, by the name of its main class. */
    public static LbProcess startMain(String main, Path directory, String... arguments) throws IOException {
        return run(directory, commandOf(main, List.of(), arguments));
    }

    private static LbProcess run(Path directory, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP,INT", "setsid"));
        command.addAll(words);
        Path log = Files.createTempFile(directory, "lb", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putIfAbsent("LB_ADMIN_SOCKET", adminSocket(log).toString()); // several run at a time
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        return new LbProcess(process, log);
    }

    /** What to start it with. */
    public static List<String> command(List<String> options, String... arguments) {
        return commandOf("io.littlelb.cli.Main", options, arguments);
    }

    private static List<String> commandOf(String main, List<String> options, String... arguments) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-D") && !option.startsWith("-javaagent")) // quiet and small alike
                .forEach(command::add);
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Path adminSocket(Path log) {
        return log.resolveSibling(log.getFileName() + ".sock");
    }

    /** Where it can be asked, unless its arguments name another place. */
    public Path adminSocket() {
        return adminSocket(log);
    }

    public long pid() {
        return process.pid();
    }

    /** All that it has said so far. */
    public String output() throws IOException {
        return Files.readString(log).strip();
    }

    /** Waits until it has ended by itself, and returns how. */
    public int waitFor() throws InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("lb still runs after " + DEADLINE_SECONDS + " s; its log is " + log);
        }
        return process.exitValue();
    }

    /** Ends it as an operator would, and returns how it ended. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return waitFor();
    }

    /** Ends it without giving it a chance to clean up. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
