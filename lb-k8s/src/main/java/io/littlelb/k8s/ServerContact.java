package io.littlelb.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code lb-contact}: whether the API server is there. On a quiet cluster nothing comes from one that is, so it is asked for its version when
 * nothing was heard for a while; a watch on a server that is frozen, or behind a link that is cut, says nothing for hours.
 *
 * <p>Says once that the server is silent, and once that it is back.
 */
final class ServerContact implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServerContact.class);
    /** After so long without a word it is asked, and not more often than that. */
    static final Duration QUIET = Duration.ofSeconds(4);
    /** After so long without a word it is said to be silent: two questions were not answered. */
    static final Duration SILENCE = Duration.ofSeconds(8);

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** So many requests in a row without an answer mean that none is to be expected; one may have met a connection that broke. */
    private static final int FAILURES = 3;

    private final String server;
    private final Question question;
    private final LongSupplier clock;
    private final InstantSource time;
    private final Runnable onChange;
    private final Worker worker;
    private volatile long heardAt;
    private volatile int failures;
    private volatile boolean silent;
    private volatile boolean hasAnswered;
    /** What there is to tell of a server that is silent. */
    private volatile Optional<String> trouble = Optional.empty();
    // Of the thread alone.
    private long askedAt;
    private String why = "";

    /** Asks the server something that costs it little. */
    interface Question {
        /** Why there was no answer; empty when there was one, whatever it says. */
        Optional<String> ask();
    }

    /**
     * @param clock as {@link System#nanoTime}
     * @param time what people call it
     * @param onChange called on the thread when the server has fallen silent, and when it is back
     */
    ServerContact(
            String server,
            Question question,
            LongSupplier clock,
            InstantSource time,
            Runnable onChange,
            ErrorHandler errors) {
        this.time = time;
        this.onChange = onChange;
        this.server = server;
        this.question = question;
        this.clock = clock;
        this.heardAt = clock.getAsLong();
        this.askedAt = heardAt;
        this.worker = new Worker("lb-contact", Waiting.forWakeUps(), this::turn, errors);
    }

    static ServerContact open(KubernetesClient client, Runnable onChange, ErrorHandler errors) {
        String server = client.getMasterUrl().toString();
        ServerContact contact = new ServerContact(
                server,
                () -> version(client.getHttpClient(), server),
                System::nanoTime,
                InstantSource.system(),
                onChange,
                errors);
        contact.worker.start();
        return contact;
    }

    /** The server has said something. From any thread. */
    void heard() {
        heardAt = clock.getAsLong();
        hasAnswered = true;
        failures = 0;
    }

    /** A request was not answered. From any thread. */
    synchronized void failed() {
        failures++;
    }

    /** Whether an answer is to be expected. From any thread. */
    boolean isAnswering() {
        return !silent && failures < FAILURES;
    }

    /** How it fares. From any thread. */
    SourceContact contact() {
        return new SourceContact(server, hasAnswered ? Optional.of(heardAtTime()) : Optional.empty(), trouble);
    }

    private Instant heardAtTime() {
        return time.instant().minusNanos(Math.max(0, clock.getAsLong() - heardAt));
    }

    /** @param now by the clock */
    long turn(long now) {
        if (worker.isClosing()) {
            return Task.DONE;
        }
        tell(now);
        if (now - heardAt >= QUIET.toNanos() && now - askedAt >= QUIET.toNanos()) {
            askedAt = now;
            Optional<String> failure = question.ask();
            why = failure.orElse("");
            failure.ifPresentOrElse(reason -> failed(), this::heard);
            tell(clock.getAsLong());
        }
        long untilAsked = Math.max(heardAt, askedAt) + QUIET.toNanos() - clock.getAsLong();
        long untilSilent = heardAt + SILENCE.toNanos() - clock.getAsLong();
        return Math.max(0, silent ? untilAsked : Math.min(untilAsked, untilSilent));
    }

    private void tell(long now) {
        long quiet = TimeUnit.NANOSECONDS.toSeconds(now - heardAt);
        if (!silent && quiet >= SILENCE.toSeconds()) {
            silent = true;
            trouble = Optional.of("the API server has not answered since "
                    + heardAtTime().truncatedTo(ChronoUnit.SECONDS) + (why.isEmpty() ? "" : " (" + why + ")"));
            log.warn(
                    "The API server at {} has not answered for {} s{}; what is known stays in force",
                    server,
                    quiet,
                    why.isEmpty() ? "" : " (" + why + ")");
            onChange.run();
        } else if (silent && quiet < SILENCE.toSeconds()) {
            silent = false;
            trouble = Optional.empty();
            log.info("The API server at {} answers again", server);
            onChange.run();
        }
    }

    private static Optional<String> version(HttpClient http, String server) {
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                http.newHttpRequestBuilder().uri(server + "version").build(), String.class);
        try {
            int code = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).code();
            return code < 500 ? Optional.empty() : Optional.of("HTTP " + code);
        } catch (TimeoutException late) {
            answer.cancel(true);
            return Optional.of("no answer within " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException failure) {
            return Optional.of(ApiFailure.of(failure).what());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    @Override
    public void close() {
        worker.close(Duration.ZERO);
    }
}
