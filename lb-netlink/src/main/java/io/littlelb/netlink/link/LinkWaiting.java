package io.littlelb.netlink.link;

import io.littlelb.core.worker.Waiting;
import io.littlelb.linux.EventFd;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Waits with poll(2) for a call, for what the kernel reports, and for frames. What has come is taken in by the turn that follows, all of it and
 * before anything is judged; so the time is read here.
 */
final class LinkWaiting implements Waiting, AutoCloseable {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final EventFd wakeup = new EventFd();
    private final Supplier<Stream<Fd>> others;
    private final LongSupplier clock;

    /** @param others the descriptors to wait for beside the call, asked for each time */
    LinkWaiting(Supplier<Stream<Fd>> others, LongSupplier clock) throws SyscallException {
        this.others = others;
        this.clock = clock;
    }

    /** An interrupted wait is one that is over: the turn looks, and waits again. */
    @Override
    public long await(long nanos) throws SyscallException {
        long millis = nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
        Linux.pollIn(
                (int) Math.min(millis, Integer.MAX_VALUE),
                Stream.concat(Stream.of(wakeup.fd()), others.get()).toArray(Fd[]::new));
        wakeup.clear();
        return clock.getAsLong();
    }

    @Override
    public void wake() {
        wakeup.signal();
    }

    @Override
    public void close() {
        wakeup.close();
    }
}
