package io.littlelb.cli.ask;

import io.littlelb.admin.http.ChannelSocket;
import io.littlelb.admin.view.ErrorView;
import io.littlelb.admin.view.Json;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/** The instance behind a unix socket: a connection for each question, and for each one deadline from its beginning to the end of the answer. */
final class Instance implements AutoCloseable {
    /** What an instance answers takes milliseconds; one that needs longer is stopped, or stuck. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int LARGEST = 256 << 20;

    private final Path socket;
    private final Duration patience;
    private final ScheduledThreadPoolExecutor clock;

    Instance(Path socket, Duration patience) {
        this.socket = socket;
        this.patience = patience;
        this.clock = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "deadline");
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
    }

    /**
     * What was answered.
     *
     * @param json as it came
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, and compared by nobody
    record Told<V>(byte[] json, V view) {}

    @SuppressWarnings("ArrayRecordComponent") // as above
    private record Response(int code, byte[] content) {}

    /** Asks, and reads the answer as a view. */
    <V> Told<V> ask(Route route, Class<V> kind) throws NotAnsweredException {
        Response response = exchange(route);
        if (response.code() != 200) {
            throw refusal(route, response);
        }
        try {
            return new Told<>(response.content(), Json.read(response.content(), kind));
        } catch (IllegalArgumentException e) {
            throw new NotAnsweredException(
                    NotAnsweredException.FAILED,
                    socket + " has answered what this program does not understand; are both of the same version? "
                            + e.getMessage());
        }
    }

    private Response exchange(Route route) throws NotAnsweredException {
        try (SocketChannel channel = Sockets.unconnected();
                DefaultBHttpClientConnection connection = new DefaultBHttpClientConnection(Http1Config.DEFAULT)) {
            Future<?> end = clock.schedule(() -> breakOff(channel), patience.toMillis(), TimeUnit.MILLISECONDS);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                connection.bind(new ChannelSocket(channel));
                return exchange(connection, route);
            } finally {
                end.cancel(false);
            }
        } catch (ClosedChannelException late) {
            throw noInstance("has not answered within " + Units.span(patience.toMillis() / 1000.0)
                    + "; the process that listens there is stopped, or stuck");
        } catch (NoHttpResponseException silent) {
            throw noInstance(
                    "was closed by the process that listens there, without an answer; an instance answers root and"
                            + " the user that it runs as");
        } catch (HttpException noHttp) {
            throw noInstance("has answered, but not as an instance of Little LB does: " + noHttp.getMessage());
        } catch (IOException e) {
            throw noInstance("could not be asked: " + e.getMessage());
        }
    }

    private static Response exchange(DefaultBHttpClientConnection connection, Route route)
            throws IOException, HttpException {
        BasicClassicHttpRequest request = new BasicClassicHttpRequest(route.method(), route.text());
        StringEntity body = new StringEntity(route.body(), ContentType.TEXT_PLAIN.withCharset(StandardCharsets.UTF_8));
        request.setHeader(HttpHeaders.HOST, "lb");
        if (route.method().equals("POST")) {
            request.setHeader(HttpHeaders.CONTENT_LENGTH, body.getContentLength());
            request.setEntity(body);
        }
        connection.sendRequestHeader(request);
        connection.sendRequestEntity(request);
        connection.flush();
        ClassicHttpResponse response = connection.receiveResponseHeader();
        connection.receiveResponseEntity(response);
        if (response.getEntity() == null) {
            return new Response(response.getCode(), new byte[0]);
        }
        try (InputStream content = response.getEntity().getContent()) {
            return new Response(response.getCode(), content.readNBytes(LARGEST));
        }
    }

    private NotAnsweredException noInstance(String why) {
        return new NotAnsweredException(NotAnsweredException.NO_INSTANCE, socket + " " + why);
    }

    private NotAnsweredException refusal(Route route, Response response) {
        String why = reason(response.content());
        return switch (response.code()) {
            case 400 -> new NotAnsweredException(NotAnsweredException.WRONG_USE, why);
            case 404 ->
                route.service().isPresent()
                        ? new NotAnsweredException(NotAnsweredException.NO_SUCH_SERVICE, why)
                        : new NotAnsweredException(
                                NotAnsweredException.FAILED,
                                why + "; the instance may be of another version than this program");
            case 503 -> new NotAnsweredException(NotAnsweredException.FAILED, why);
            default ->
                new NotAnsweredException(
                        NotAnsweredException.FAILED, socket + " has answered with " + response.code() + ": " + why);
        };
    }

    /** An error of ours has its sentence in JSON, one of HTTP has it as text. */
    private static String reason(byte[] content) {
        try {
            return Json.read(content, ErrorView.class).error();
        } catch (IllegalArgumentException text) {
            return new String(content, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("nothing more");
        }
    }

    private static void breakOff(Closeable channel) {
        try {
            channel.close();
        } catch (IOException gone) {
            // which is what was wanted
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    @Override
    public String toString() {
        return socket.toString();
    }
}
