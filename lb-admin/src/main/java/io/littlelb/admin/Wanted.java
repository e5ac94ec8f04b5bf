package io.littlelb.admin;

import com.google.common.base.Splitter;
import io.littlelb.admin.http.Question;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a question's parameters choose. */
final class Wanted {
    private static final long CENTURY = Duration.ofDays(36_525).toSeconds();

    private final Question question;

    Wanted(Question question) {
        this.question = question;
    }

    /** {@code service=NAMESPACE/NAME}, several with commas; all when it is not there. */
    Predicate<ServiceKey> services() throws WrongQuestion {
        Optional<String> text = question.parameter("service");
        if (text.isEmpty()) {
            return service -> true;
        }
        for (String each : Splitter.on(',').split(text.get())) {
            service(each);
        }
        Set<String> names = Splitter.on(',').splitToStream(text.get()).collect(Collectors.toSet());
        return service -> names.contains(service.toString());
    }

    static ServiceKey service(String text) throws WrongQuestion {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
            throw new WrongQuestion(Shown.quoted(text) + " is not NAMESPACE/NAME");
        }
        return new ServiceKey(text.substring(0, slash), text.substring(slash + 1));
    }

    /** {@code client=ADDRESS} or a range of addresses. */
    Predicate<InetAddress> clients() throws WrongQuestion {
        Optional<String> text = question.parameter("client");
        if (text.isEmpty()) {
            return client -> true;
        }
        Optional<InetAddress> one = Addresses.parse(text.get());
        if (one.isPresent()) {
            return one.get()::equals;
        }
        AddressRange range = AddressRange.parse(text.get())
                .orElseThrow(() -> new WrongQuestion(
                        "client: " + Shown.quoted(text.get()) + " is neither an address nor ADDRESS/LENGTH"));
        return client -> range.contains(client);
    }

    /** {@code backend=ADDRESS} or with its port. */
    Predicate<Optional<Backend>> backends() throws WrongQuestion {
        Optional<String> text = question.parameter("backend");
        if (text.isEmpty()) {
            return backend -> true;
        }
        Optional<InetAddress> host = Addresses.parse(text.get());
        if (host.isPresent()) {
            return backend -> backend.filter(it -> it.ip().equals(host.get())).isPresent();
        }
        Backend one = Backend.parse(text.get())
                .orElseThrow(() -> new WrongQuestion(
                        "backend: " + Shown.quoted(text.get()) + " is neither an address nor ADDRESS:PORT"));
        return backend -> backend.filter(one::equals).isPresent();
    }

    /** A number that is not negative. */
    long number(String name, long otherwise) throws WrongQuestion {
        Optional<String> text = question.parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (!text.get().matches("[0-9]{1,18}")) {
            throw new WrongQuestion(name + ": " + Shown.quoted(text.get()) + " is no number");
        }
        return Long.parseLong(text.get());
    }

    /** A time in seconds, a century at most. */
    Duration duration(String name) throws WrongQuestion {
        return Duration.ofSeconds(Math.min(number(name, 0), CENTURY));
    }

    /**
     * Refuses what is not understood: of an order it may have been the half that matters.
     *
     * @param known the names of the parameters that are
     */
    void only(String... known) throws WrongQuestion {
        for (String name : question.parameters().keySet()) {
            if (!List.of(known).contains(name)) {
                throw new WrongQuestion(Shown.quoted(name) + " is not understood here; "
                        + (known.length == 0 ? "nothing is" : "understood are " + String.join(", ", known)));
            }
        }
    }

    /** How many at most. */
    int limit(int otherwise) throws WrongQuestion {
        return (int) Math.min(Integer.MAX_VALUE, number("limit", otherwise));
    }
}
