package io.littlelb.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that is measured, proc(5). It ends with this JVM at the latest. */
final class ProxyProcess implements AutoCloseable {
    /** {@code USER_HZ}: in what /proc counts time, per second; the same on every architecture that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Pattern PSS = Pattern.compile("(?m)^Pss: +(\\d+) kB");

    private final Process process;
    private final Path log;

    private ProxyProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a command in the namespace of this thread; what it says goes to a file. */
    static ProxyProcess start(Path log, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new ProxyProcess(process, log);
    }

    /**
     * Checks that it has not ended.
     *
     * @throws IOException with what it said, if it has
     */
    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("ended by itself: " + Files.readString(log).strip());
        }
    }

    /**
     * What it has used of the processors since its start.
     *
     * @param userSeconds in its own code
     * @param allSeconds that, and in the kernel
     */
    record Cpu(double userSeconds, double allSeconds) {}

    Cpu cpu() throws IOException {
        return cpu(process.pid());
    }

    static Cpu cpu(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        int userTime = 11; // utime is the 14th field, the first after the name the third
        double user = Long.parseLong(fields.get(userTime)) / TICKS_PER_SECOND;
        return new Cpu(user, user + Long.parseLong(fields.get(userTime + 1)) / TICKS_PER_SECOND);
    }

    /** Its share of the memory it uses, in kilobytes. */
    long memoryKilobytes() throws IOException {
        Matcher pss = PSS.matcher(Files.readString(Path.of("/proc", Long.toString(process.pid()), "smaps_rollup")));
        if (!pss.find()) {
            throw new IOException("/proc/" + process.pid() + "/smaps_rollup has no Pss");
        }
        return Long.parseLong(pss.group(1));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
