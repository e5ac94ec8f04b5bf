package io.littlelb.cli.ask;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What is asked for: a path of the contract, and its parameters. */
record Route(String method, String text, String body, Optional<String> service) {
    static Route get(String path) {
        return new Route("GET", path, "", Optional.empty());
    }

    static Route post(String path) {
        return new Route("POST", path, "", Optional.empty());
    }

    /** With one parameter more. */
    Route with(String name, Object value) {
        String parameter = name + "=" + URLEncoder.encode(value.toString(), StandardCharsets.UTF_8);
        return new Route(method, text + (text.contains("?") ? "&" : "?") + parameter, body, service);
    }

    /** With one parameter more, if it has a value. */
    Route with(String name, Optional<?> value) {
        return value.map(it -> with(name, it)).orElse(this);
    }

    Route withBody(String content) {
        return new Route(method, text, content, service);
    }

    /** The same, of one Service: see {@link #of}. */
    Route about(ServiceName name) {
        return new Route(method, text, body, Optional.of(name.toString()));
    }

    /** Of one Service: that it is not there is then what "404 Not Found" means. */
    Route of(ServiceName name) {
        return new Route(method, text + "/" + name, body, Optional.empty()).about(name);
    }

    /** Only what belongs to one Service. */
    Route only(Optional<ServiceName> name) {
        return name.map(it -> with("service", it).about(it)).orElse(this);
    }
}
