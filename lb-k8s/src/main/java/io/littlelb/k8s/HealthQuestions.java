package io.littlelb.k8s;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.net.InetAddresses;
import io.littlelb.core.worker.Waiting;
import io.littlelb.k8s.HealthChecks.Target;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /healthz} to many targets at once, by HTTP/1.1, of which only the status is looked at. Waits for the answers of all of them, so that whoever
 * judges a silence knows that no answer is lying unread. For one thread, but for {@link #wake}.
 */
final class HealthQuestions implements Waiting, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HealthQuestions.class);
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}).*", Pattern.DOTALL);
    private static final int STATUS_LINE = "HTTP/1.1 200".length();
    /** More answers than that in a row are for the next turn. */
    private static final int MOST_LOOKS = 16;

    private static final long LONGEST_WAIT = Duration.ofHours(1).toMillis();

    private final Selector selector;
    private final Map<Target, Question> open = new HashMap<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private long known = System.nanoTime();

    HealthQuestions() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("no descriptor to ask nodes for their health with: " + e.getMessage(), e);
        }
    }

    /** @param status of HTTP; empty when there was no answer */
    record Outcome(Target target, OptionalInt status) {}

    private static final class Question {
        private final Target target;
        private final SocketChannel channel;
        private final ByteBuffer answer = ByteBuffer.allocate(STATUS_LINE);
        /** When the last step was taken for which an answer is awaited, by {@link System#nanoTime}. */
        private long since;

        Question(Target target, SocketChannel channel) {
            this.target = target;
            this.channel = channel;
        }
    }

    /** Begins to ask; the outcome comes by {@link #takeOutcomes}. */
    void ask(Target target) {
        try {
            SocketChannel channel = SocketChannel.open();
            Question question = new Question(target, channel);
            open.put(target, question);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_CONNECT, question);
            if (channel.connect(new InetSocketAddress(target.node(), target.port()))) {
                connected(question);
            }
            question.since = System.nanoTime();
        } catch (IOException failure) {
            failed(target, failure);
        }
    }

    /** No answer is wanted any more. */
    void abandon(Target target) {
        Question question = open.remove(target);
        if (question != null) {
            close(question);
        }
    }

    /** Since when a target has owed an answer; empty when it owes none. */
    Optional<Long> since(Target target) {
        return Optional.ofNullable(open.get(target)).map(question -> question.since);
    }

    boolean hasOutcomes() {
        return !outcomes.isEmpty();
    }

    List<Outcome> takeOutcomes() {
        List<Outcome> taken = List.copyOf(outcomes);
        outcomes.clear();
        return taken;
    }

    @Override
    public long await(long nanos) throws IOException {
        if (nanos > 0) {
            selector.select(this::ready, Math.min(nanos / 1_000_000 + 1, LONGEST_WAIT));
        }
        for (int look = 0; look < MOST_LOOKS; look++) {
            long before = System.nanoTime();
            if (selector.selectNow(this::ready) == 0) {
                known = before;
                break;
            }
        }
        return known;
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    private void ready(SelectionKey key) {
        Question question = (Question) key.attachment();
        try {
            if (question.channel.isConnectionPending()) {
                question.channel.finishConnect();
                connected(question);
            } else {
                read(question);
            }
        } catch (IOException failure) {
            failed(question.target, failure);
        }
    }

    /** A request this short fits the queue of a new connection. */
    private void connected(Question question) throws IOException {
        String host = InetAddresses.toUriString(question.target.node()) + ":" + question.target.port();
        String request = "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        question.channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
        question.channel.register(selector, SelectionKey.OP_READ, question);
        question.since = System.nanoTime();
    }

    private void read(Question question) throws IOException {
        int count = question.channel.read(question.answer);
        if (question.answer.hasRemaining()) {
            if (count < 0) {
                throw new EOFException("the connection was closed without an answer");
            }
            return;
        }
        String line = new String(question.answer.array(), US_ASCII);
        Matcher status = STATUS.matcher(line);
        if (!status.matches()) {
            throw new IOException("no HTTP: " + line);
        }
        abandon(question.target);
        outcomes.add(new Outcome(question.target, OptionalInt.of(Integer.parseInt(status.group(1)))));
    }

    private void failed(Target target, IOException failure) {
        log.debug("{}: no word of its health: {}", target, failure.toString());
        abandon(target);
        outcomes.add(new Outcome(target, OptionalInt.empty()));
    }

    private static void close(Question question) {
        try {
            question.channel.close();
        } catch (IOException e) {
            log.debug("{}: {}", question.target, e.toString());
        }
    }

    @Override
    public void close() {
        List.copyOf(open.keySet()).forEach(this::abandon);
        try {
            selector.close();
        } catch (IOException e) {
            log.debug("Closing a selector: {}", e.toString());
        }
    }
}
