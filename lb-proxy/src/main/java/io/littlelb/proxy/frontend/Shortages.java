package io.littlelb.proxy.frontend;

import io.littlelb.core.model.Backend;
import io.littlelb.linux.Errno;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what this process or host lacks for connections of one frontend, and what to do, once in a while however often it is lacking. From any thread. */
public final class Shortages {
    private static final Logger log = LoggerFactory.getLogger(Shortages.class);
    private static final long PAUSE_NANOS = 60_000_000_000L;

    private final String frontend;
    private final AtomicLong sayAgainNanos = new AtomicLong(System.nanoTime());

    Shortages(String frontend) {
        this.frontend = frontend;
    }

    /** No backend could be dialled for want of a port; this was the last of them. */
    public void portsUsedUp(Backend last) {
        if (mayBeSaid()) {
            log.warn(
                    "{}: no local port is left for a connection to {}, nor to another backend: connections are reset. More ports:"
                            + " sysctl net.ipv4.ip_local_port_range=\"1024 65535\"; those in TIME_WAIT used again: sysctl net.ipv4.tcp_tw_reuse=1;"
                            + " each further backend has as many of its own",
                    frontend,
                    last);
        }
    }

    /** A system call was refused. */
    public void of(String what, int errno) {
        if (mayBeSaid()) {
            log.warn(
                    "{}: {}: {}: connections are reset. Allow more descriptors (ulimit -n, LimitNOFILE of systemd), or fewer connections"
                            + " (--max-connections)",
                    frontend,
                    what,
                    Errno.describe(errno));
        }
    }

    private boolean mayBeSaid() {
        long now = System.nanoTime();
        long from = sayAgainNanos.get();
        return now - from >= 0 && sayAgainNanos.compareAndSet(from, now + PAUSE_NANOS);
    }
}
