package io.littlelb.admin.http;

import com.google.common.base.Splitter;
import io.littlelb.core.model.Shown;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.HttpProcessors;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestParserFactory;
import org.apache.hc.core5.http.impl.io.HttpService;
import org.apache.hc.core5.http.io.HttpServerRequestHandler.ResponseTrigger;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one request of a connection and answers it. */
final class Exchange {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
    /** What a manifest or an order may be long, in bytes. */
    private static final int LONGEST_BODY = 1 << 20;

    /** So many bytes are made in one turn, at least: a few milliseconds. */
    private static final int PIECE = 1 << 14;

    /** How many answers are under way at the same time; one is made while the others are sent. */
    static final int ANSWERS = 8;

    private static final long LENGTH_UNKNOWN = -1;

    private static final Http1Config LIMITS = Http1Config.custom()
            .setMaxLineLength(8192)
            .setMaxHeaderCount(100)
            .setMaxEmptyLineCount(3)
            .build();

    private final Answering answering;
    private final Predicate<String> hosts;
    private final Turns turns = new Turns();
    private final Semaphore answers = new Semaphore(ANSWERS);
    private final HttpProcessor headers = HttpProcessors.server("littlelb");

    /** @param hosts which names of ours a request may be for, by its Host header without the port */
    Exchange(Answering answering, Predicate<String> hosts) {
        this.answering = answering;
        this.hosts = hosts;
    }

    /**
     * Serves one request; whoever breaks off, or talks anything but HTTP, has its connection closed.
     *
     * @param asked is run once the request is there
     */
    void serve(Socket socket, Runnable asked) {
        try (DefaultBHttpServerConnection connection = connection()) {
            connection.bind(socket);
            new HttpService(headers, (request, response, context) -> {
                        Optional<Question> question = read(request, response);
                        asked.run();
                        if (question.isPresent()) {
                            answer(question.get(), response, connection);
                        }
                    })
                    .handleRequest(connection, HttpCoreContext.create());
        } catch (IOException | HttpException e) {
            log.debug("A request was not answered: {}", e.toString());
        }
    }

    /** With a parser that is given the limits: the usual one knows none. */
    private static DefaultBHttpServerConnection connection() {
        return new DefaultBHttpServerConnection(
                "http", LIMITS, null, null, null, null, new DefaultHttpRequestParserFactory(LIMITS), null);
    }

    /** The request as a whole; empty when it was answered, for it makes no sense. */
    private Optional<Question> read(ClassicHttpRequest request, ResponseTrigger trigger)
            throws HttpException, IOException {
        List<String> strange = names(request).stream().filter(hosts.negate()).toList();
        if (!strange.isEmpty()) {
            send(
                    trigger,
                    Answer.text(
                            403, "this is served by its address only, not as " + Shown.quoted(strange.get(0)) + "\n"));
            return Optional.empty();
        }
        Optional<String> body = body(request.getEntity());
        if (body.isEmpty()) {
            send(trigger, Answer.text(413, "at most " + LONGEST_BODY + " bytes\n"));
            return Optional.empty();
        }
        try {
            return Optional.of(question(request, body.get()));
        } catch (IllegalArgumentException malformed) {
            send(trigger, Answer.text(400, "this is no path: " + Shown.quoted(request.getPath()) + "\n"));
            return Optional.empty();
        }
    }

    /** All that it says we are called: in its headers, as they came, and in its target where that is a whole address. */
    private static List<String> names(ClassicHttpRequest request) {
        Stream<String> ofHeaders =
                Arrays.stream(request.getHeaders(HttpHeaders.HOST)).map(Header::getValue);
        Stream<String> ofTarget =
                Optional.ofNullable(request.getAuthority()).stream().map(URIAuthority::getHostName);
        return Stream.concat(ofHeaders, ofTarget).toList();
    }

    private void answer(Question question, ResponseTrigger trigger, HttpConnection connection)
            throws HttpException, IOException {
        if (answering.isQuick(question)) {
            send(trigger, made(question));
        } else if (answers.tryAcquire()) {
            try {
                Answer answer = turns.take(() -> made(question));
                send(
                        trigger,
                        new Answer(answer.code(), answer.type(), out -> write(question, answer, out, connection)));
            } finally {
                answers.release();
            }
        } else {
            send(trigger, Answer.text(503, "too many ask at the same time; ask again\n"));
        }
    }

    private static void send(ResponseTrigger trigger, Answer answer) throws HttpException, IOException {
        ClassicHttpResponse response = new BasicClassicHttpResponse(answer.code());
        response.setHeader(HttpHeaders.CONNECTION, "close");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setEntity(new EntityTemplate(
                LENGTH_UNKNOWN,
                ContentType.parse(answer.type()),
                null,
                out -> answer.content().writeTo(out)));
        trigger.submitResponse(response);
    }

    private Answer made(Question question) {
        try {
            return answering.answer(question);
        } catch (RuntimeException bug) {
            log.error("{} could not be answered", question, bug);
            return Answer.text(500, "a fault of this program; its log has more\n");
        }
    }

    /** What goes wrong while it is sent breaks it off, so that half an answer does not look whole. */
    private void write(Question question, Answer answer, OutputStream out, HttpConnection connection)
            throws IOException {
        try {
            turns.take(() -> {
                OutputStream pieces = new BufferedOutputStream(turns.sending(out), PIECE);
                answer.content().writeTo(pieces);
                pieces.flush();
                return answer;
            });
        } catch (RuntimeException bug) {
            log.error("{} was answered in part", question, bug);
            connection.close(CloseMode.IMMEDIATE);
            throw new IOException(bug);
        }
    }

    private static Question question(ClassicHttpRequest request, String body) {
        URI uri = URI.create(request.getPath());
        List<String> path = Splitter.on('/')
                .omitEmptyStrings()
                .splitToStream(uri.getRawPath())
                .map(Exchange::decoded)
                .toList();
        String accept = Optional.ofNullable(request.getFirstHeader(HttpHeaders.ACCEPT))
                .map(Header::getValue)
                .orElse("");
        return new Question(request.getMethod(), path, parameters(uri.getRawQuery()), accept, body);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        if (query != null) {
            for (String pair : Splitter.on('&').omitEmptyStrings().split(query)) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                parameters.putIfAbsent(decoded(name), equals < 0 ? "true" : decoded(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Empty when it is too long. */
    private static Optional<String> body(HttpEntity entity) throws IOException {
        if (entity == null) {
            return Optional.of("");
        }
        try (InputStream content = entity.getContent()) {
            byte[] bytes = content.readNBytes(LONGEST_BODY + 1);
            return bytes.length > LONGEST_BODY
                    ? Optional.empty()
                    : Optional.of(new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
