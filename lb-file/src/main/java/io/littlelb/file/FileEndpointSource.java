package io.littlelb.file;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.UncheckedExecutionException;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.linux.EventFd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services from a YAML file, read again whenever the file changes. A file that turns invalid changes nothing: the last good
 * one stays in force, and the log says what is wrong and where. One that is not there yet is waited for.
 *
 * <p>Owns the thread {@code lb-file}, on which it calls its listener. All methods may be called from any thread.
 */
public final class FileEndpointSource implements EndpointSource {
    private static final Logger log = LoggerFactory.getLogger(FileEndpointSource.class);
    /** How often to look without having been told that anything has happened. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Path file;
    private final InstantSource clock;
    private final WatchedFile watched;
    private final EventFd wakeup;
    private final Worker worker;
    /** Guarded by this object. */
    private boolean closed;

    private volatile Optional<ClusterSnapshot> current = Optional.empty();
    private volatile SourceContact contact;
    private volatile Runnable listener = () -> {};

    /** Who waits for a look that has not begun. */
    private final BlockingQueue<CompletableFuture<Look>> asked = new LinkedBlockingQueue<>();

    // Of the thread alone, once it has started.
    private final List<CompletableFuture<Look>> answering = new ArrayList<>();
    private Optional<String> lastText = Optional.empty();
    /** Why it cannot be read, as last said; empty while it can. */
    private String hindrance = "";

    /** Why what is in it now is not taken; empty where it is. */
    private String fault = "";

    private FileEndpointSource(Path file, InstantSource clock, ErrorHandler errors) throws SyscallException {
        this.file = file.toAbsolutePath();
        this.clock = clock;
        this.contact = new SourceContact("file:" + this.file, Optional.empty(), Optional.empty());
        this.watched = new WatchedFile(this.file);
        this.wakeup = new EventFd();
        this.worker = new Worker("lb-file", new Events(), this::turn, errors);
    }

    /** {@link #open(Path, ErrorHandler)} for a program that an {@link Error} does not end. */
    public static FileEndpointSource open(Path file) throws ServicesFileException, IOException {
        return open(file, ErrorHandler.LOG);
    }

    /**
     * Reads the file and follows it from then on. One that is not there yet is no error: until it is, nothing is known.
     *
     * @param errors is told when Java itself fails on the thread that follows the file
     * @throws ServicesFileException when the file cannot be read or is invalid to begin with; names it
     * @throws IOException when the kernel has no watch to give, inotify(7)
     */
    public static FileEndpointSource open(Path file, ErrorHandler errors) throws ServicesFileException, IOException {
        FileEndpointSource source = new FileEndpointSource(file, InstantSource.system(), errors);
        try {
            source.readFirst(file);
        } catch (ServicesFileException e) {
            source.closeDescriptors();
            throw e;
        }
        source.worker.start();
        return source;
    }

    private void readFirst(Path asGiven) throws ServicesFileException {
        try {
            read(System.nanoTime());
            lookedAt();
        } catch (NoSuchFileException absent) {
            absent();
            lookedAt();
        } catch (IOException e) {
            throw ServicesFileException.unreadable(asGiven, e);
        } catch (ServicesFileException e) {
            throw e.in(asGiven);
        }
    }

    @Override
    public Optional<ClusterSnapshot> snapshot() {
        return current;
    }

    @Override
    public SourceContact contact() {
        return contact;
    }

    /** What was found out is shown; returns whether the file is in order where it was not, or the other way round. */
    private boolean lookedAt() {
        boolean was = contact.isLive();
        String trouble = hindrance.isEmpty() ? fault : hindrance;
        contact = new SourceContact(
                contact.place(),
                trouble.isEmpty() ? Optional.of(clock.instant()) : contact.heardAt(),
                trouble.isEmpty() ? Optional.empty() : Optional.of(trouble));
        return contact.isLive() != was;
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    /**
     * Looks at the file now, and says what came of it; for a person who does not want to wait until it is seen to have changed. From any thread but the listener's.
     *
     * @param patience how long at most: the look hangs as long as the file system does
     */
    public Look reload(Duration patience) {
        CompletableFuture<Look> answer = new CompletableFuture<>();
        asked.add(answer);
        wake();
        try {
            return Futures.getUnchecked(answer.orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (UncheckedExecutionException late) {
            return seen(false, Optional.of("it could not be looked at within " + patience.toMillis() + " ms"));
        }
    }

    /** Synchronized, as {@link #close} is, for the descriptor that wakes the thread. */
    private synchronized void wake() {
        if (!closed) {
            log.info("Looking at {} again", file);
            worker.wake();
        }
    }

    private Look seen(boolean changed, Optional<String> refused) {
        int services = current.map(it -> it.services().size()).orElse(0);
        return new Look(file, changed, services, refused);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (worker.close(GRACE)) {
            closeDescriptors();
        }
    }

    private void closeDescriptors() {
        watched.close();
        wakeup.close();
    }

    /** Waits for what happens to the file, or for a call. */
    private final class Events implements Waiting {
        @Override
        public long await(long nanos) throws IOException {
            int millis = (int) Math.min(TimeUnit.NANOSECONDS.toMillis(nanos) + (nanos > 0 ? 1 : 0), LOOK.toMillis());
            Linux.pollIn(millis, watched.fd(), wakeup.fd());
            wakeup.clear();
            long now = System.nanoTime();
            asked.drainTo(answering); // before what has happened is taken in: what was done to the file by then counts
            watched.takeIn(now);
            return now;
        }

        @Override
        public void wake() {
            wakeup.signal();
        }
    }

    private long turn(long now) {
        if (worker.isClosing()) {
            return Task.DONE;
        }
        boolean changed = look(now);
        boolean isNews = lookedAt() || changed;
        answering.forEach(answer -> answer.complete(seen(changed, contact.trouble())));
        answering.clear();
        if (isNews) {
            listener.run();
        }
        return LOOK.toNanos();
    }

    /** Returns whether something else is asked for than before. */
    private boolean look(long now) {
        try {
            boolean changed = read(now);
            if (!hindrance.isEmpty()) {
                log.info("{} can be read again", file);
                hindrance = "";
            }
            return changed;
        } catch (NoSuchFileException absent) {
            absent();
        } catch (IOException e) {
            cannotRead(ServicesFileException.reason(e));
        } catch (ServicesFileException e) {
            fault = e.getMessage();
            hindrance = ""; // it could be read
            log.warn("{} is invalid: {}; {}", file, fault, consequence());
        }
        return false;
    }

    /** Takes the file as it is now, if it is whole, good, and another one than before. */
    private boolean read(long now) throws IOException, ServicesFileException {
        Optional<String> text =
                watched.read(now).filter(found -> lastText.filter(found::equals).isEmpty());
        if (text.isEmpty()) {
            return false;
        }
        lastText = text;
        ClusterSnapshot next = ServicesFile.parse(text.get());
        fault = "";
        current.ifPresent(before -> log.info(
                "Read {} again: {} Services wanted, {} withdrawn",
                file,
                next.services().size(),
                before.services().keySet().stream()
                        .filter(key -> !next.services().containsKey(key))
                        .count()));
        current = Optional.of(next);
        return true;
    }

    private void absent() {
        cannotRead(current.isPresent() ? "there is no such file" : "there is no such file yet, and it is waited for");
    }

    /** Once for each reason, however long it lasts. */
    private void cannotRead(String why) {
        if (!why.equals(hindrance)) {
            hindrance = why;
            log.warn("Cannot read {}: {}; {}", file, why, consequence());
        }
    }

    private String consequence() {
        return current.isPresent() ? "the last good state stays in force" : "nothing is served";
    }
}
