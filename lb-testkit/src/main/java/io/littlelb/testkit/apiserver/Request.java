package io.littlelb.testkit.apiserver;

import com.google.common.base.Splitter;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client asked.
 *
 * @param user whose token came with it; empty when none did
 * @param method GET, POST, PUT, PATCH or DELETE
 * @param path such as {@code /api/v1/namespaces/default/services/web/status}
 * @param contentType for a patch: which kind it is
 */
public record Request(
        String user,
        String method,
        String path,
        Map<String, String> query,
        String contentType,
        String accept,
        String userAgent,
        String body) {
    static Request of(
            String user, String method, URI uri, String contentType, String accept, String userAgent, String body) {
        Map<String, String> query = new HashMap<>();
        String raw = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        for (String pair : Splitter.on('&').omitEmptyStrings().split(raw)) {
            int sign = pair.indexOf('=');
            String name = sign < 0 ? pair : pair.substring(0, sign);
            query.put(decode(name), sign < 0 ? "" : decode(pair.substring(sign + 1)));
        }
        return new Request(user, method, uri.getPath(), query, contentType, accept, userAgent, body);
    }

    /** A parameter of the query; empty when it is not given. */
    public String parameter(String name) {
        return query.getOrDefault(name, "");
    }

    /** Whether it asks to be told of changes. */
    public boolean isWatch() {
        return method.equals("GET")
                && (parameter("watch").equals("true") || parameter("watch").equals("1"));
    }

    /** Whether it changes something. */
    public boolean isWrite() {
        return !method.equals("GET");
    }

    List<String> segments() {
        return Splitter.on('/').omitEmptyStrings().splitToList(path);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return method + " " + path + (query.isEmpty() ? "" : " " + query);
    }
}
