package io.littlelb.proxy;

import java.time.Duration;

/**
 * How long a connection may be without what it waits for.
 *
 * @param idle how long no byte may move, if its Service does not say; zero means for ever
 * @param linger of one that a side has broken off, how long the other may acknowledge nothing of what it is still sent before it is reset all the same
 */
public record PatienceConfig(Duration idle, Duration linger) {
    public PatienceConfig {
        Checked.notNegative("idle", idle);
        Checked.notNegative("linger", linger);
    }
}
