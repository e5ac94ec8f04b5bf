package io.littlelb.proxy.frontend;

import io.littlelb.proxy.loop.EventLoop;

/** Takes in the clients of one frontend, of one protocol. */
public interface Acceptor {
    /** The loop that it lives on. */
    EventLoop home();

    /** Begins to accept; on the home loop's thread. */
    void start();

    /** Takes in who is waiting already, then nobody. On the home loop's thread. */
    void close();
}
