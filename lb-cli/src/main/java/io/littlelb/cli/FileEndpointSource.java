package io.littlelb.cli;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.linux.EventFd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services from a YAML file, read again whenever the file changes. A file that turns invalid changes nothing: the last good
 * one stays in force, and the log says what is wrong and where. One that is not there yet is waited for.
 *
 * <p>Owns the thread {@code lb-file}.
 */
final class FileEndpointSource implements EndpointSource {
    private static final Logger log = LoggerFactory.getLogger(FileEndpointSource.class);
    /** How often to look without having been told that anything has happened. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Path file;
    private final WatchedFile watched;
    private final EventFd wakeup;
    private final Worker worker;
    private volatile Optional<ClusterSnapshot> current = Optional.empty();
    private volatile Runnable listener = () -> {};

    // Of the thread alone, once it has started.
    private Optional<String> lastText = Optional.empty();
    /** Why it cannot be read, as last said; empty while it can. */
    private String hindrance = "";

    private FileEndpointSource(Path file, ErrorHandler errors) throws SyscallException {
        this.file = file.toAbsolutePath();
        this.watched = new WatchedFile(this.file);
        this.wakeup = new EventFd();
        this.worker = new Worker("lb-file", new Events(), this::turn, errors);
    }

    /**
     * Reads the file and follows it from then on.
     *
     * @throws UsageException when the file cannot be read or is invalid to begin with
     */
    static FileEndpointSource open(Path file, ErrorHandler errors) throws UsageException, SyscallException {
        FileEndpointSource source = new FileEndpointSource(file, errors);
        try {
            source.read(System.nanoTime());
        } catch (NoSuchFileException absent) {
            source.absent();
        } catch (IOException e) {
            source.watched.close();
            throw new UsageException("--source file:" + file + " cannot be read: " + reason(e), e);
        } catch (UsageException e) {
            source.watched.close();
            throw new UsageException("--source file:" + file + ": " + e.getMessage(), e);
        }
        source.worker.start();
        return source;
    }

    @Override
    public Optional<ClusterSnapshot> snapshot() {
        return current;
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    /** Looks at the file now, from any thread; for a person who does not want to wait until it is seen to have changed. */
    void reload() {
        log.info("Looking at {} again", file);
        worker.wake();
    }

    @Override
    public void close() {
        if (worker.close(GRACE)) {
            watched.close();
            wakeup.close();
        }
    }

    /** Waits for what happens to the file, or for a call. */
    private final class Events implements Waiting {
        @Override
        public long await(long nanos) throws IOException {
            int millis = (int) Math.min(TimeUnit.NANOSECONDS.toMillis(nanos) + (nanos > 0 ? 1 : 0), LOOK.toMillis());
            Linux.pollIn(millis, watched.fd(), wakeup.fd());
            wakeup.clear();
            long now = System.nanoTime();
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
        try {
            if (read(now)) {
                listener.run();
            }
            if (!hindrance.isEmpty()) {
                log.info("{} can be read again", file);
                hindrance = "";
            }
        } catch (NoSuchFileException absent) {
            absent();
        } catch (IOException e) {
            cannotRead(reason(e));
        } catch (UsageException e) {
            log.warn("{} is invalid: {}; {}", file, e.getMessage(), consequence());
        }
        return LOOK.toNanos();
    }

    /** Takes the file as it is now, if it is whole, good, and another one than before. */
    private boolean read(long now) throws IOException, UsageException {
        Optional<String> text =
                watched.read(now).filter(found -> lastText.filter(found::equals).isEmpty());
        if (text.isEmpty()) {
            return false;
        }
        lastText = text;
        ClusterSnapshot next = ServicesFile.parse(text.get());
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

    /** Why a file cannot be read, in words of whoever wrote it. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        if (e instanceof FileSystemException refused && refused.getReason() != null) {
            return refused.getReason();
        }
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
