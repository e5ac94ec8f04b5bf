package io.littlelb.proxy;

import java.time.Duration;

/**
 * How backends are asked.
 *
 * @param connect how long one may take to answer
 * @param inAll how long all together may take, for one connection; no less than one
 * @param checkInterval how often every backend is asked whether it answers; zero means that only those are which have failed
 */
public record DialConfig(Duration connect, Duration inAll, Duration checkInterval) {
    public DialConfig {
        Checked.positive("connect", connect);
        Checked.positive("inAll", inAll);
        Checked.notNegative("checkInterval", checkInterval);
        if (inAll.compareTo(connect) < 0) {
            throw new IllegalArgumentException(
                    "inAll: at least as long as one backend has, " + connect + ", not " + inAll);
        }
    }
}
