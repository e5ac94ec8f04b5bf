package io.littlelb.admin;

import com.google.common.collect.Lists;
import io.littlelb.admin.http.Question;
import io.littlelb.admin.view.ConnectionView;
import io.littlelb.admin.view.ConnectionsView;
import io.littlelb.admin.view.EndedConnectionView;
import io.littlelb.admin.view.EndedView;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import io.littlelb.core.port.Forwarder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Makes {@link ConnectionsView} and {@link EndedView}, and finds the connections that an order means. */
final class ConnectionsMaker {
    private static final int USUAL = 1_000;

    private static final Map<String, Comparator<ConnectionInfo>> ORDERS = Map.of(
            "age", Comparator.comparing(ConnectionInfo::age).reversed(),
            "idle", Comparator.comparing(ConnectionInfo::idle).reversed(),
            "bytes",
                    Comparator.<ConnectionInfo>comparingLong(each -> each.bytesToBackend() + each.bytesToClient())
                            .reversed(),
            "client",
                    Comparator.<ConnectionInfo, InetAddress>comparing(
                                    each -> each.client().getAddress(), Addresses.ORDER)
                            .thenComparingInt(each -> each.client().getPort()));

    private ConnectionsMaker() {}

    /** The connections that a question means. */
    static Predicate<ConnectionInfo> meant(Question question) throws WrongQuestion {
        Wanted wanted = new Wanted(question);
        Predicate<ServiceKey> services = wanted.services();
        Predicate<InetAddress> clients = wanted.clients();
        Predicate<Optional<Backend>> backends = wanted.backends();
        Optional<String> id = question.parameter("id");
        return each -> id.filter(wantedId -> !wantedId.equals(each.id())).isEmpty()
                && services.test(each.service())
                && clients.test(each.client().getAddress())
                && backends.test(each.backend());
    }

    static ConnectionsView connections(Forwarder forwarder, Question question) throws WrongQuestion {
        String order = question.parameter("sort").orElse("age");
        if (!ORDERS.containsKey(order)) {
            throw new WrongQuestion("sort: " + Shown.quoted(order) + " is none of "
                    + String.join(", ", ORDERS.keySet().stream().sorted().toList()));
        }
        int limit = new Wanted(question).limit(USUAL);
        List<ConnectionInfo> shown = first(limit, ORDERS.get(order), forwarder, meant(question));
        return new ConnectionsView(forwarder.load().connections(), Lists.transform(shown, ConnectionsMaker::view));
    }

    /** The first of them in this order; of the others, which may be thousands, none is kept for longer than a look at it. */
    private static List<ConnectionInfo> first(
            int limit, Comparator<ConnectionInfo> order, Forwarder forwarder, Predicate<ConnectionInfo> which) {
        PriorityQueue<ConnectionInfo> lastFirst = new PriorityQueue<>(order.reversed());
        forwarder.connections(Integer.MAX_VALUE, each -> {
            if (which.test(each)) {
                lastFirst.add(each);
                if (lastFirst.size() > limit) {
                    lastFirst.remove();
                }
            }
            return false;
        });
        return lastFirst.stream().sorted(order).toList();
    }

    private static ConnectionView view(ConnectionInfo each) {
        return new ConnectionView(
                each.id(),
                print(each.client()),
                each.service().toString(),
                each.frontend().toString(),
                each.backend().map(Backend::toString),
                Shown.word(each.state()),
                each.draining(),
                each.attempt(),
                each.failed().stream()
                        .map(failed -> failed.backend() + ": " + failed.what())
                        .toList(),
                Seconds.of(each.age()),
                Seconds.of(each.idle()),
                each.bytesToBackend(),
                each.bytesToClient());
    }

    private static String print(InetSocketAddress client) {
        return Addresses.print(client.getAddress(), client.getPort());
    }

    static EndedView ended(Instance instance, Question question, Instant now) throws WrongQuestion {
        Wanted wanted = new Wanted(question);
        Predicate<ServiceKey> services = wanted.services();
        Predicate<InetAddress> clients = wanted.clients();
        Predicate<Optional<Backend>> backends = wanted.backends();
        Optional<Ending> ending = ending(question);
        Optional<Instant> since = Optional.of(wanted.duration("since"))
                .filter(span -> !span.isZero())
                .map(now::minus);
        List<EndedConnection> last = instance.ended()
                .last(
                        wanted.limit(USUAL),
                        each -> services.test(each.service())
                                && clients.test(each.client().getAddress())
                                && backends.test(each.backend())
                                && ending.filter(wantedEnding -> wantedEnding != each.ending())
                                        .isEmpty()
                                && since.filter(each.at()::isBefore).isEmpty());
        return new EndedView(Lists.transform(Lists.reverse(last), ConnectionsMaker::view));
    }

    private static Optional<Ending> ending(Question question) throws WrongQuestion {
        Optional<String> word = question.parameter("ending");
        if (word.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Stream.of(Ending.values())
                .filter(ending -> ending.word().equals(word.get()))
                .findFirst()
                .orElseThrow(() -> new WrongQuestion("ending: " + Shown.quoted(word.get()) + " is none of "
                        + String.join(
                                ", ",
                                Stream.of(Ending.values()).map(Ending::word).toList()))));
    }

    private static EndedConnectionView view(EndedConnection each) {
        return new EndedConnectionView(
                each.at(),
                each.id(),
                print(each.client()),
                each.service().toString(),
                each.frontend().toString(),
                each.backend().map(Backend::toString),
                each.attempts(),
                Seconds.of(each.lasted()),
                each.bytesToBackend(),
                each.bytesToClient(),
                each.ending().word(),
                each.detail());
    }
}
