package io.littlelb.proxy.loop;

import com.google.common.base.Throwables;
import io.littlelb.linux.EventFd;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that other threads leave for an event loop. One that is closed takes none, and says so: whoever has left work may rely on its
 * being done.
 */
final class Mailbox implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Mailbox.class);

    /** Guarded by itself, as are the two below: threads meet here, and none may signal a descriptor that is closed. */
    private final Queue<Runnable> mail = new ArrayDeque<>();

    private final EventFd wakeup = new EventFd();
    private boolean refuses;
    private boolean closed;

    Mailbox() throws SyscallException {}

    /** Leaves work; from any thread. Returns whether it will be done. */
    boolean post(Runnable work) {
        synchronized (mail) {
            if (refuses) {
                return false;
            }
            boolean first =
                    mail.isEmpty(); // whoever left what is there has signalled, and it has not been looked at since
            mail.add(work);
            if (first) {
                wakeup.signal();
            }
            return true;
        }
    }

    /** Leaves work and waits until it is done; from any other thread than the loop's. What it throws is thrown here. Returns whether it was done. */
    boolean call(Runnable work) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        boolean taken = post(() -> {
            try {
                work.run();
                done.complete(true);
            } catch (RuntimeException | Error fault) {
                done.completeExceptionally(fault);
            }
        });
        try {
            return taken && done.join();
        } catch (CompletionException failed) {
            Throwables.throwIfUnchecked(failed.getCause());
            throw failed;
        }
    }

    /** Makes the descriptor readable; from any thread. */
    void wake() {
        synchronized (mail) {
            if (!closed) {
                wakeup.signal();
            }
        }
    }

    /** Readable when there is mail. */
    Fd fd() {
        return wakeup.fd();
    }

    /** Does all the work that has been left, on the loop's thread. Work that fails keeps no other from being done. */
    void empty() {
        wakeup.clear(); // before the queue: what is posted from here on wakes the loop again
        for (Optional<Runnable> work = next(); work.isPresent(); work = next()) {
            try {
                work.get().run();
            } catch (RuntimeException fault) {
                log.error("Work that was left for a loop has failed by a fault of this program", fault);
            } catch (Error error) {
                wake(); // for what is still there
                throw error;
            }
        }
    }

    private Optional<Runnable> next() {
        synchronized (mail) {
            return Optional.ofNullable(mail.poll());
        }
    }

    /** Takes no more; what has been taken is still to be done. */
    void refuse() {
        synchronized (mail) {
            refuses = true;
        }
    }

    @Override
    public void close() {
        synchronized (mail) {
            refuses = true;
            closed = true;
            wakeup.close();
        }
    }
}
