package io.littlelb.testkit.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this host's kernel has lost of what it sends to itself. */
public final class DroppedPackets {
    private static final Path QUEUES = Path.of("/proc/net/softnet_stat");

    private DroppedPackets() {}

    /**
     * How many packets have been dropped since the host started because the queue of a processor was full ({@code
     * net.core.netdev_max_backlog}): the second column of a line per processor, {@code softnet_seq_show} of {@code
     * net/core/net-procfs.c}.
     */
    public static long count() {
        try {
            return Files.readAllLines(QUEUES).stream()
                    .mapToLong(line -> Long.parseLong(line.split(" ", -1)[1], 16))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
