package io.littlelb.netlink.link;

import io.littlelb.linux.MacAddress;
import java.time.Duration;

/**
 * A host that has an address of ours as well.
 *
 * @param heardAt when it last said so, by {@link System#nanoTime}
 */
record Rival(MacAddress mac, long heardAt) {
    /** How long it must have said nothing before it is looked whether it still has it: RFC 5227's DEFEND_INTERVAL. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    long silentAt() {
        return heardAt + SILENCE.toNanos();
    }

    /** What a person is told. */
    String text() {
        return "the host with the hardware address " + mac + " has it too; if that is a node of the cluster, set"
                + " strictARP: true in kube-proxy's configuration, or run with --publish status";
    }
}
