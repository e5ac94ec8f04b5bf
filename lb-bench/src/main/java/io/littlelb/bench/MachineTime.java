package io.littlelb.bench;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The user time of the whole machine, proc(5), to tell whether other programs were busy while something was measured: the kernel's time
 * cannot be told apart by whom it was spent for, but a program that disturbs has user time as well.
 *
 * @param busy user, nice and stolen time of all programs and other machines, in ticks
 */
record MachineTime(long busy) {
    private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();
    private static final double TICKS_PER_SECOND = 100;

    static MachineTime now() throws IOException {
        List<String> words =
                WORDS.splitToList(Files.readAllLines(Path.of("/proc/stat")).get(0));
        int steal = 8; // cpu user nice system idle iowait irq softirq steal
        return new MachineTime(
                Long.parseLong(words.get(1)) + Long.parseLong(words.get(2)) + Long.parseLong(words.get(steal)));
    }

    /**
     * Which share of the machine's time since then others than we had.
     *
     * @param ourSeconds the user time of those who belong to the measurement
     */
    double foreignSince(MachineTime before, double ourSeconds, double seconds) {
        double foreign = (busy - before.busy) / TICKS_PER_SECOND - ourSeconds;
        return Math.max(0, foreign / seconds / Runtime.getRuntime().availableProcessors());
    }
}
