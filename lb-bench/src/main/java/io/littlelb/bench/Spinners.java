package io.littlelb.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs that run where nothing else does, {@code SCHED_IDLE} of sched(7), one for each processor: a virtual one that has gone to sleep takes long to
 * wake, and what is measured then is the hypervisor.
 */
final class Spinners implements AutoCloseable {
    private static final List<String> COMMAND = List.of("chrt", "--idle", "0", "sh", "-c", "while :; do :; done");

    private final List<ProxyProcess> processes = new ArrayList<>();

    /** @param log where they say what they have to say, which is nothing */
    Spinners(int count, Path log) throws IOException {
        for (int i = 0; i < count; i++) {
            processes.add(ProxyProcess.start(log, COMMAND));
        }
    }

    /** What they have used of the processors since they began. */
    double userSeconds() throws IOException {
        double seconds = 0;
        for (ProxyProcess process : processes) {
            process.requireAlive();
            seconds += process.cpu().userSeconds();
        }
        return seconds;
    }

    @Override
    public void close() {
        processes.forEach(ProxyProcess::close);
    }
}
