package io.littlelb.cli;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.port.EndpointSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services from a YAML file, read again whenever the file changes. A file that turns invalid changes nothing: the last good
 * one stays in force, and the log says what is wrong and where.
 *
 * <p>Owns the thread {@code lb-file}, which watches the file's directory: editors replace a file rather than write to it,
 * and a mounted ConfigMap is replaced by a link.
 */
final class FileEndpointSource implements EndpointSource {
    private static final Logger log = LoggerFactory.getLogger(FileEndpointSource.class);

    private final Path file;
    private final WatchService watch;
    private final Thread watcher = new Thread(this::follow, "lb-file");
    private volatile ClusterSnapshot current;
    private volatile Runnable listener = () -> {};
    private String lastText;

    private FileEndpointSource(Path file, WatchService watch, String text) throws UsageException {
        this.file = file;
        this.watch = watch;
        this.lastText = text;
        this.current = ServicesFile.parse(text);
    }

    /**
     * Reads the file and follows it from then on.
     *
     * @throws UsageException when the file cannot be read or is invalid to begin with
     */
    static FileEndpointSource open(Path file) throws UsageException {
        Path absolute = file.toAbsolutePath();
        try {
            // Watched before it is read: a change between the two is then seen rather than lost.
            WatchService watch = absolute.getFileSystem().newWatchService();
            absolute.getParent().register(watch, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
            FileEndpointSource source = new FileEndpointSource(absolute, watch, read(absolute));
            source.watcher.setDaemon(true);
            source.watcher.start();
            return source;
        } catch (IOException e) {
            throw new UsageException("--source file:" + file + " cannot be read: " + reason(e), e);
        } catch (UsageException e) {
            throw new UsageException("--source file:" + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<ClusterSnapshot> snapshot() {
        return Optional.of(current);
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot stop watching " + file, e);
        }
    }

    private void follow() {
        try {
            while (true) {
                WatchKey key = watch.take();
                key.pollEvents();
                key.reset();
                reload();
            }
        } catch (ClosedWatchServiceException | InterruptedException closed) {
            log.debug("No longer following {}", file);
        }
    }

    /** Takes the file as it is now, if it is good and has changed; called by the watcher, and by hand in a test. */
    synchronized void reload() {
        try {
            String text = read(file);
            if (text.equals(lastText)) {
                return;
            }
            lastText = text;
            current = ServicesFile.parse(text);
            log.info("Read {} again", file);
            listener.run();
        } catch (IOException e) {
            log.warn("Cannot read {}: {}; the last good state stays in force", file, reason(e));
        } catch (UsageException e) {
            log.warn("{} is invalid: {}; the last good state stays in force", file, e.getMessage());
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException ? "there is no such file" : e.toString();
    }
}
