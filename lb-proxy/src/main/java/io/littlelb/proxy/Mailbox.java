package io.littlelb.proxy;

import io.littlelb.linux.EventFd;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Work that other threads leave for an event loop. */
final class Mailbox implements AutoCloseable {
    private final Queue<Runnable> mail = new ConcurrentLinkedQueue<>();
    private final EventFd wakeup = new EventFd();

    Mailbox() throws SyscallException {}

    /** Leaves work; from any thread. */
    void post(Runnable work) {
        mail.add(work);
        wakeup.signal();
    }

    /** Readable when there is mail. */
    Fd fd() {
        return wakeup.fd();
    }

    /** Does all the work that has been left, on the loop's thread. */
    void empty() {
        wakeup.clear(); // before the queue: what is posted from here on wakes the loop again
        for (Runnable work = mail.poll(); work != null; work = mail.poll()) {
            work.run();
        }
    }

    @Override
    public void close() {
        wakeup.close();
    }
}
