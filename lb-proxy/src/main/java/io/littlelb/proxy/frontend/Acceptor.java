package io.littlelb.proxy.frontend;

import io.littlelb.proxy.loop.EventLoop;

/** Takes in the clients of one frontend, of one protocol. */
public interface Acceptor {
    /** The loop that it lives on. */
    EventLoop home();

    /** Begins to accept; on the home loop's thread. */
    void start();

    /** Whether clients wait for what this process has no more of for anybody: connections of its limit, descriptors, memory. From any thread. */
    boolean isHeldUp();

    /** Takes in who is waiting already, then nobody. On the home loop's thread. */
    void close();
}
