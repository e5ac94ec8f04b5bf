package io.littlelb.proxy.loop;

/** Is told what a descriptor is ready for, {@code EPOLL*}. On the loop's thread. */
@FunctionalInterface
public interface Ready extends Isolated {
    /** Stands where nobody does: an event that comes too late has no effect. */
    Ready NOBODY = events -> {};

    void on(int events);
}
