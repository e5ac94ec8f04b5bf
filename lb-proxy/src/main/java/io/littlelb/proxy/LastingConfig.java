package io.littlelb.proxy;

import java.time.Duration;

/**
 * Connections that last are watched for peers that have vanished; most are shorter, and are spared the system calls.
 *
 * @param after how long one has lasted then
 * @param silence how long one may leave what it is sent without any answer of its host before it counts as vanished
 */
public record LastingConfig(Duration after, Duration silence) {
    public LastingConfig {
        Checked.notNegative("after", after);
        Checked.positive("silence", silence);
    }
}
