package io.littlelb.testkit.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.littlelb.testkit.apiserver.ResourceRequests.Answer;
import io.littlelb.testkit.apiserver.ResourceRequests.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A Kubernetes API server on a TCP port: starts empty, with the namespaces {@code default} and {@code kube-system}. */
public final class EmbeddedApiServer implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Store store = new Store();
    private final Faults faults = new Faults(store);
    private final Authorizer authorizer = new Authorizer();
    private final ResourceRequests resources = new ResourceRequests(store);
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "api-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Optional<ServerCertificate> certificate;
    private InetSocketAddress address;
    private HttpServer server;

    private EmbeddedApiServer(InetSocketAddress address, Optional<ServerCertificate> certificate) {
        this.address = address;
        this.certificate = certificate;
    }

    /** A server on a free port of the loopback link. */
    public static EmbeddedApiServer start() throws IOException {
        return start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** A server on an address of this host; port 0 takes a free one. */
    public static EmbeddedApiServer start(InetSocketAddress address) throws IOException {
        return start(new EmbeddedApiServer(address, Optional.empty()));
    }

    /** A server on a free port of 127.0.0.1 that speaks TLS. */
    public static EmbeddedApiServer start(ServerCertificate certificate) throws IOException {
        return start(new EmbeddedApiServer(
                new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), Optional.of(certificate)));
    }

    private static EmbeddedApiServer start(EmbeddedApiServer server) throws IOException {
        server.comeBack();
        return server;
    }

    /** Where it listens, such as {@code http://127.0.0.1:34567}. */
    public String url() {
        return (certificate.isPresent() ? "https://" : "http://")
                + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /** A file for {@code --kubeconfig}: this server, and nobody in particular, who may do everything. */
    public String kubeconfig() {
        return kubeconfig("anybody");
    }

    /** A file for {@code --kubeconfig}: this server, and a user who may do what was {@linkplain #grant granted}. */
    public String kubeconfig(String user) {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: embedded, cluster: {server: "%s"%s}}]
                users: [{name: "%s", user: {token: "%s"}}]
                contexts: [{name: embedded, context: {cluster: embedded, user: "%s"}}]
                current-context: embedded
                """.formatted(
                        url(),
                        certificate
                                .map(it -> ", certificate-authority-data: " + it.base64())
                                .orElse(""),
                        user,
                        user,
                        user);
    }

    /**
     * Lets a user do what the Roles and ClusterRoles of a manifest allow, beside what was granted before; without any grant
     * a user may do everything.
     *
     * @param namespace where the Roles are applied
     */
    public void grant(String user, String manifest, String namespace) {
        authorizer.grant(user, manifest, namespace);
    }

    /**
     * Keeps an object as it is, unseen by defaults and validation: what another version, a webhook or a bug may have left in the server's database.
     * A version of its own it gets only where it says none.
     *
     * @param path of the object, such as {@code /api/v1/namespaces/default/services/web}
     * @throws IllegalArgumentException when the path names no object, or the text is no JSON object
     */
    public void keep(String path, String json) {
        try {
            Target target = target(List.of(path.substring(1).split("/", -1)));
            store.keep(target.key(), (ObjectNode) JSON.readTree(json));
        } catch (ApiException | ClassCastException malformed) {
            throw new IllegalArgumentException("cannot keep at " + path + ": " + json, malformed);
        }
    }

    /** What goes wrong, on demand. */
    public Faults faults() {
        return faults;
    }

    /** All that was asked so far, in order of arrival. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Breaks all connections and refuses new ones; objects are kept. */
    public synchronized void goAway() {
        server.stop(0);
    }

    /** Listens again where it listened before. */
    public synchronized void comeBack() throws IOException {
        server = certificate.isPresent() ? HttpsServer.create(address, 0) : HttpServer.create(address, 0);
        if (server instanceof HttpsServer https) {
            https.setHttpsConfigurator(new HttpsConfigurator(certificate.get().context()));
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        address = server.getAddress();
    }

    @Override
    public synchronized void close() {
        faults.thaw();
        store.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = Request.of(
                    header(exchange, "Authorization").replaceFirst("(?i)^bearer ", ""),
                    exchange.getRequestMethod(),
                    exchange.getRequestURI(),
                    header(exchange, "Content-Type"),
                    header(exchange, "Accept"),
                    header(exchange, "User-Agent"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            requests.add(request);
            try {
                faults.awaitThaw();
                faults.refuseIfAsked(request);
                answer(exchange, request);
            } catch (ApiException refused) {
                send(exchange, refused.code(), refused.status());
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException bug) {
                send(
                        exchange,
                        500,
                        new ApiException(500, "InternalError", "the embedded server failed: " + bug).status());
            }
        }
    }

    private void answer(HttpExchange exchange, Request request) throws ApiException, IOException, InterruptedException {
        if (List.of("/healthz", "/livez", "/readyz").contains(request.path())) {
            sendText(exchange, 200, "text/plain", "ok");
            return;
        }
        Optional<ObjectNode> discovered = Discovery.answer(request.path());
        if (discovered.isPresent()) {
            send(exchange, 200, discovered.get());
            return;
        }
        if (request.path().equals(Authorizer.REVIEWS)) {
            send(exchange, 201, authorizer.review(request));
            return;
        }
        Target target = target(request.segments());
        authorizer.check(target, request);
        if (request.isWatch()) {
            watch(exchange, target, request);
            return;
        }
        Answer answer = resources.answer(target, request);
        boolean table = Tables.isAskedFor(request) && request.method().equals("GET");
        send(exchange, answer.code(), table ? Tables.of(target.type(), answer.body()) : answer.body());
    }

    private void watch(HttpExchange exchange, Target target, Request request)
            throws ApiException, IOException, InterruptedException {
        if (request.parameter("sendInitialEvents").equals("true")) {
            throw new ApiException(422, "Invalid", "sendInitialEvents: Forbidden: this server streams no lists");
        }
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0); // 0: chunked, for as long as it takes
        OutputStream out = exchange.getResponseBody();
        out.flush();
        new WatchStream(store, faults, target, request, out, resources.selected(target, request)).run();
    }

    /** {@code /api/v1/...} or {@code /apis/GROUP/VERSION/...}, then {@code [namespaces/NS/]PLURAL[/NAME[/SUBRESOURCE]]}. */
    private static Target target(List<String> path) throws ApiException {
        boolean core = !path.isEmpty() && path.get(0).equals("api");
        int at = core ? 2 : 3;
        if (path.size() > at) {
            String group = core ? "" : path.get(1);
            String version = path.get(at - 1);
            boolean inNamespace = path.get(at).equals("namespaces")
                    && path.size() > at + 2
                    && !path.get(at + 2).equals("status");
            String namespace = inNamespace ? path.get(at + 1) : "";
            int plural = inNamespace ? at + 2 : at;
            Optional<ResourceType> type = ResourceType.find(group, version, path.get(plural));
            if (type.isPresent()) {
                return new Target(type.get(), namespace, part(path, plural + 1), part(path, plural + 2));
            }
        }
        throw new ApiException(404, "NotFound", "the server could not find the requested resource");
    }

    private static String part(List<String> path, int index) {
        return index < path.size() ? path.get(index) : "";
    }

    private static String header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
    }

    private static void send(HttpExchange exchange, int code, ObjectNode body) throws IOException {
        sendText(exchange, code, "application/json", JSON.writeValueAsString(body));
    }

    private static void sendText(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
