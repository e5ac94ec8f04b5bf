package io.littlelb.k8s;

import com.google.common.collect.Iterables;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.littlelb.core.model.ApiRequest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * Counts the requests that a client of {@link ClusterAccess} makes, each attempt by itself. It is a tag of the client's HTTP client, where whoever has the
 * client finds it. From any thread.
 *
 * <p>There are only so many kinds: what is none of the resources that this program has to do with, or no code of HTTP, is {@link #OTHER}.
 */
final class RequestCounts implements Interceptor {
    static final String OTHER = "other";
    private static final String NO_ANSWER = "none";
    private static final Set<String> RESOURCES = Set.of(
            "services",
            "services/status",
            "nodes",
            "namespaces",
            "endpointslices",
            "events",
            "leases",
            "selfsubjectaccessreviews",
            "version");

    /** What the paths of the core and of all groups begin with. */
    private static final Set<String> ROOTS = Set.of("api", "apis");

    private final Map<ApiRequest, LongAdder> counts = new ConcurrentHashMap<>();

    /** Those of a client; empty where it was not made by {@link ClusterAccess}. */
    static Optional<RequestCounts> of(KubernetesClient client) {
        return client.getHttpClient() instanceof RequestTags tags
                ? Optional.ofNullable(tags.getTag(RequestCounts.class))
                : Optional.empty();
    }

    /** How many of each kind so far. */
    Map<ApiRequest, Long> counts() {
        return counts.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, each -> each.getValue().sum()));
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        int code = response.code();
        count(request, code >= 100 && code <= 599 ? String.valueOf(code) : OTHER);
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        count(request, NO_ANSWER);
    }

    private void count(HttpRequest request, String result) {
        counts.computeIfAbsent(kind(request.method(), request.uri(), result), kind -> new LongAdder())
                .increment();
    }

    /**
     * The kind of a request.
     *
     * @param method of HTTP
     * @param uri of the API, {@code /api/v1/…} or {@code /apis/GROUP/VERSION/…}, behind whatever path the server has
     */
    static ApiRequest kind(String method, URI uri, String result) {
        List<String> path = path(uri);
        if (path.isEmpty()) {
            return new ApiRequest(OTHER, OTHER, result);
        }
        boolean isNamed = path.size() > 1;
        String resource = path.size() > 2 ? path.get(0) + "/" + path.get(2) : path.get(0);
        boolean isKnown = RESOURCES.contains(resource) && path.size() <= 3;
        return new ApiRequest(verb(method, uri, isNamed), isKnown ? resource : OTHER, result);
    }

    /** The resource, its name, its subresource, as far as they are given; the server's own path ends where the first of {@link #ROOTS} is. */
    private static List<String> path(URI uri) {
        List<String> all = Arrays.stream(String.valueOf(uri.getPath()).split("/"))
                .filter(part -> !part.isEmpty())
                .toList();
        int api = Iterables.indexOf(all, ROOTS::contains); // what follows may be called as anybody likes
        if (api < 0) {
            boolean isVersion = !all.isEmpty() && all.get(all.size() - 1).equals("version");
            return isVersion ? List.of("version", "") : List.of();
        }
        int from = api + (all.get(api).equals("api") ? 2 : 3);
        List<String> path = all.subList(Math.min(from, all.size()), all.size());
        boolean isNamespaced = path.size() > 2 && path.get(0).equals("namespaces");
        return isNamespaced ? path.subList(2, path.size()) : path;
    }

    /** As the rights have it that it takes. */
    private static String verb(String method, URI uri, boolean isNamed) {
        return switch (method) {
            case "GET" -> isWatch(uri) ? "watch" : isNamed ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> isNamed ? "delete" : "deletecollection";
            default -> OTHER;
        };
    }

    private static boolean isWatch(URI uri) {
        return uri.getQuery() != null
                && Arrays.asList(uri.getQuery().split("&")).contains("watch=true");
    }
}
