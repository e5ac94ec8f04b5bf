package io.littlelb.testkit.net;

import io.littlelb.linux.Namespaces;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network of its own, network_namespaces(7): it has a loopback link that is up, and nothing else.
 *
 * <p>Lives on one thread. Whatever that thread opens or starts, sockets, threads and processes, belongs to the namespace; it
 * is gone when the last of them is.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final ExecutorService executor;
    private final Thread thread;
    private final int threadId;

    private NetworkNamespace(ExecutorService executor, Thread thread, int threadId) {
        this.executor = executor;
        this.thread = thread;
        this.threadId = threadId;
    }

    /**
     * A new, empty network.
     *
     * @throws IllegalStateException when the kernel refuses: a test that needs a network fails without one
     */
    public static NetworkNamespace create() {
        String name = "netns-" + COUNT.incrementAndGet();
        ExecutorService executor = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(work, name);
            made.setDaemon(true);
            return made;
        });
        int threadId = get(executor.submit(NetworkNamespace::leaveTheHost));
        Thread thread = get(executor.submit(Thread::currentThread));
        NetworkNamespace namespace = new NetworkNamespace(executor, thread, threadId);
        namespace.ip("link set lo up");
        return namespace;
    }

    private static int leaveTheHost() {
        try {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            return Namespaces.gettid();
        } catch (SyscallException e) {
            throw new IllegalStateException("no network namespace without root: " + e.getMessage(), e);
        }
    }

    /** The number of the thread that stands for the namespace: what {@code ip link add ... netns} takes. */
    public int threadId() {
        return threadId;
    }

    /** Does something inside the namespace and waits for it. What it throws is thrown here. */
    public <T> T call(Callable<T> work) {
        boolean inside = Thread.currentThread().equals(thread);
        FutureTask<T> task = new FutureTask<>(work);
        if (inside) {
            task.run();
        } else {
            executor.execute(task);
        }
        return get(task);
    }

    /** Does something inside the namespace and waits for it. */
    public void run(Action work) {
        call(() -> {
            work.run();
            return "";
        });
    }

    /** Work that may fail with anything. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /** Runs {@code ip} with the words of a line, and returns what it prints. It must succeed. */
    public String ip(String line) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(line.split(" ", -1)));
        return execute(command);
    }

    /** Runs a command inside the namespace and returns what it prints. It must succeed. */
    public String execute(List<String> command) {
        return call(() -> {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.getInputStream().close(); // Process closes both as well, but some time after waitFor
            process.getErrorStream().close();
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(
                        String.join(" ", command) + " ended with " + status + ": " + output.strip());
            }
            return output;
        });
    }

    /** A pair of virtual Ethernet links, both up: one end here, the other in another namespace. */
    public void connect(String name, NetworkNamespace other, String otherName) {
        ip("link add " + name + " type veth peer name " + otherName + " netns " + other.threadId);
        ip("link set " + name + " up");
        other.ip("link set " + otherName + " up");
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    private static <T> T get(Future<T> result) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a namespace's thread", e);
        }
    }

    private static RuntimeException unchecked(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof IOException io) {
            return new UncheckedIOException(io);
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
