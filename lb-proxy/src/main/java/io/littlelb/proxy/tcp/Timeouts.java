package io.littlelb.proxy.tcp;

import java.time.Duration;

/**
 * How long a connection may take for what.
 *
 * @param connect one backend to answer
 * @param dial all backends together
 * @param idle without a byte; zero for as long as it likes
 * @param linger one side to take what the other had said before it broke off
 * @param lastingAfter until it counts as one that lasts
 */
public record Timeouts(Duration connect, Duration dial, Duration idle, Duration linger, Duration lastingAfter) {}
