package io.littlelb.cli;

import io.littlelb.admin.http.Answer;
import io.littlelb.admin.http.Answering;
import io.littlelb.admin.http.Question;
import io.littlelb.admin.view.AddressView;
import io.littlelb.admin.view.AddressesView;
import io.littlelb.admin.view.BackendView;
import io.littlelb.admin.view.BackendsView;
import io.littlelb.admin.view.ComplaintView;
import io.littlelb.admin.view.ConnectionView;
import io.littlelb.admin.view.ConnectionsView;
import io.littlelb.admin.view.EndedConnectionView;
import io.littlelb.admin.view.EndedView;
import io.littlelb.admin.view.ErrorView;
import io.littlelb.admin.view.EventView;
import io.littlelb.admin.view.EventsView;
import io.littlelb.admin.view.ExplanationView;
import io.littlelb.admin.view.ExplanationView.OfFinding;
import io.littlelb.admin.view.ExplanationsView;
import io.littlelb.admin.view.Json;
import io.littlelb.admin.view.OrderView;
import io.littlelb.admin.view.PoolView;
import io.littlelb.admin.view.RatesView;
import io.littlelb.admin.view.ServiceView;
import io.littlelb.admin.view.ServiceView.OfAddress;
import io.littlelb.admin.view.ServiceView.OfPort;
import io.littlelb.admin.view.ServiceView.OfProblem;
import io.littlelb.admin.view.ServicesView;
import io.littlelb.admin.view.StatusView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Answers as an instance with four Services does, one of which is not served; keeps what it was asked. */
final class CannedInstance implements Answering {
    static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final List<Question> asked = new CopyOnWriteArrayList<>();

    /** Everything that was asked so far. */
    List<Question> asked() {
        return List.copyOf(asked);
    }

    @Override
    public Answer answer(Question question) {
        asked.add(question);
        String path = "/" + String.join("/", question.path());
        return switch (path) {
            case "/v1/status" -> json(STATUS);
            case "/v1/services" -> services(question);
            case "/v1/addresses" -> json(ADDRESSES);
            case "/v1/backends" -> json(backends(question));
            case "/v1/connections" ->
                question.parameter("client").filter("nonsense"::equals).isPresent()
                        ? error(400, "client: \"nonsense\" is no address")
                        : json(isIdle(question) ? new ConnectionsView(0, List.of()) : CONNECTIONS);
            case "/v1/connections/ended" -> json(isIdle(question) ? new EndedView(List.of()) : ENDED);
            case "/v1/events" -> json(EVENTS);
            case "/v1/explain/default/web" -> json(WEB);
            case "/v1/explain/default/mail" -> json(MAIL);
            case "/v1/explain" ->
                question.body().contains("Service")
                        ? json(new ExplanationsView(List.of(MAIL, NOT_OURS)))
                        : error(400, "there is no Service in it");
            case "/v1/drain/default/web" ->
                json(new OrderView(true, "default/web is drained: 1 100 connections go on"));
            case "/v1/undrain/default/web" -> json(new OrderView(false, "default/web was not drained"));
            case "/v1/disconnect" ->
                json(
                        isIdle(question)
                                ? new OrderView(false, "no connection was ended")
                                : new OrderView(true, "3 connections were ended"));
            case "/v1/reload" -> error(503, "there is nothing to be read again");
            case "/v1/log-level" ->
                json(new OrderView(
                        true, "the level is " + question.parameter("level").orElse("info")));
            default ->
                path.startsWith("/v1/explain/")
                        ? json(new ExplanationView(path.substring(12), false, false, Optional.empty(), List.of()))
                        : error(404, "there is no " + path);
        };
    }

    /** Whether one Service is meant, and that without connections or not there at all. */
    private static boolean isIdle(Question question) {
        return question.parameter("service")
                .filter(it -> List.of("default/none", "default/mail").contains(it))
                .isPresent();
    }

    private static BackendsView backends(Question question) {
        String wanted = question.parameter("service").orElse("");
        return switch (wanted) {
            case "default/none" -> new BackendsView(List.of());
            case "" ->
                new BackendsView(Stream.concat(BACKENDS.backends().stream(), Stream.of(UNTRIED))
                        .toList());
            default -> BACKENDS;
        };
    }

    private static Answer services(Question question) {
        List<String> wanted =
                question.parameter("service").map(it -> List.of(it.split(","))).orElse(List.of());
        return json(new ServicesView(SERVICES.services().stream()
                .filter(it -> wanted.isEmpty() || wanted.contains(it.service()))
                .toList()));
    }

    static Answer json(Object view) {
        return new Answer(200, Answer.JSON, out -> Json.write(view, out));
    }

    private static Answer error(int code, String why) {
        return new Answer(code, Answer.JSON, out -> Json.write(new ErrorView(why), out));
    }

    static final StatusView STATUS = new StatusView(
            "0.1.0 (8684d38)",
            StatusView.State.degraded,
            List.of("1 of 4 Services is not served as asked"),
            new StatusView.OfProcess(
                    22_779,
                    "lb1",
                    "littlelb",
                    "node-port",
                    NOON,
                    273_600,
                    18_000_000,
                    64_000_000,
                    96_000_000,
                    2_431,
                    524_288),
            new StatusView.OfLink(
                    "eth0", "up", List.of("198.18.0.1/24", "fd00::1/64"), 4, Optional.of(12.0), 480, 0, 1),
            new StatusView.OfSource("https://198.18.0.20:6443", Optional.of(0.42), Optional.empty()),
            new StatusView.OfServices(4, 3, 0),
            List.of(new ComplaintView(
                    "default/mail", "AddressInUse", "198.18.0.9 is held by Service default/web, which is older")),
            new StatusView.OfBackends(8, 1),
            new StatusView.OfTraffic(1_204, 25_000, false, 80_112, 17, new RatesView(312, 225_000_000, 11_250_000)),
            Optional.of(new StatusView.OfPass(NOON, 2, 0.0003, 12, 0, 14)));

    static final ServicesView SERVICES = new ServicesView(List.of(
            service(
                    "default/db",
                    true,
                    List.of("198.18.0.10", "fd00::a"),
                    List.of(port(5432, "TCP")),
                    List.of(),
                    2,
                    3,
                    104,
                    new RatesView(12, 11_250_000, 1_125_000)),
            service(
                    "default/mail",
                    false,
                    List.of(),
                    List.of(port(25, "TCP")),
                    List.of(new OfProblem("AddressInUse", "198.18.0.9 is held by Service default/web, which is older")),
                    1,
                    1,
                    0,
                    RatesView.NONE),
            service(
                    "default/web",
                    true,
                    List.of("198.18.0.9"),
                    List.of(port(80, "TCP"), port(443, "TCP")),
                    List.of(),
                    3,
                    3,
                    1_100,
                    new RatesView(300, 212_500_000, 10_000_000)),
            service(
                    "kube-system/dns",
                    true,
                    List.of("198.18.0.11"),
                    List.of(port(53, "UDP"), port(53, "TCP")),
                    List.of(),
                    2,
                    2,
                    0,
                    RatesView.NONE)));

    private static OfPort port(int port, String protocol) {
        return new OfPort(port, protocol, Optional.empty(), "open", Optional.empty());
    }

    private static ServiceView service(
            String name,
            boolean served,
            List<String> ips,
            List<OfPort> ports,
            List<OfProblem> problems,
            int answering,
            int listed,
            long connections,
            RatesView rates) {
        return new ServiceView(
                name,
                served,
                Optional.of(273_600.0),
                false,
                ips.stream()
                        .map(ip -> new OfAddress(ip, "exclusive", "present"))
                        .toList(),
                ports,
                problems,
                answering,
                listed,
                connections,
                80_112,
                17,
                12_000_000_000L,
                1_100_000_000L,
                rates);
    }

    static final AddressesView ADDRESSES = new AddressesView(
            List.of(
                    new AddressView(
                            "198.18.0.9",
                            "eth0",
                            "ours",
                            "present",
                            "",
                            List.of("default/web"),
                            Optional.of(273_600.0),
                            Optional.of(12.0)),
                    new AddressView(
                            "198.18.0.12",
                            "eth0",
                            "none",
                            "conflict",
                            "02:00:00:00:00:77 answers for it",
                            List.of("default/cache"),
                            Optional.of(31.0),
                            Optional.empty())),
            List.of(
                    new PoolView("gold", "IPv4", List.of("shop", "web"), List.of("198.18.0.64-198.18.0.79"), 16, 6),
                    new PoolView("six", "IPv6", List.of(), List.of("fd00::/64"), Long.MAX_VALUE, 1)));

    static final BackendsView BACKENDS = new BackendsView(List.of(
            backend(
                    "198.18.0.21:30432",
                    "answers",
                    52,
                    80_112,
                    0,
                    Optional.of(new BackendView.OfDials(0.0002, 0.0009))),
            new BackendView(
                    "default/db",
                    "198.18.0.10:5432",
                    "TCP",
                    "198.18.0.22:30432",
                    "ejected",
                    0,
                    61_007,
                    211,
                    9_000_000_000L,
                    900_000_000L,
                    Optional.empty(),
                    Optional.of(new BackendView.OfEjection(240, "Connection refused", 11))),
            backend(
                    "198.18.0.23:30432",
                    "answers",
                    52,
                    79_870,
                    3,
                    Optional.of(new BackendView.OfDials(0.0002, 0.310)))));

    private static final BackendView UNTRIED = new BackendView(
            "default/db",
            "[fd00::a]:5432",
            "TCP",
            "198.18.0.21:30432",
            "untried",
            0,
            0,
            0,
            0,
            0,
            Optional.empty(),
            Optional.empty());

    private static BackendView backend(
            String backend,
            String state,
            long connections,
            long accepted,
            long failed,
            Optional<BackendView.OfDials> dials) {
        return new BackendView(
                "default/db",
                "198.18.0.10:5432",
                "TCP",
                backend,
                state,
                connections,
                accepted,
                failed,
                12_000_000_000L,
                1_100_000_000L,
                dials,
                Optional.empty());
    }

    static final ConnectionsView CONNECTIONS = new ConnectionsView(
            1_204,
            List.of(
                    new ConnectionView(
                            "7f3a-91",
                            "198.18.0.90:51544",
                            "default/db",
                            "198.18.0.10:5432",
                            Optional.of("198.18.0.21:30432"),
                            "relaying",
                            false,
                            1,
                            List.of(),
                            7_200,
                            0,
                            1_200_000_000,
                            31_000_000),
                    new ConnectionView(
                            "7f3a-c2",
                            "[fd00::91]:40112",
                            "default/db",
                            "[fd00::a]:5432",
                            Optional.of("198.18.0.23:30432"),
                            "dialling",
                            false,
                            2,
                            List.of("198.18.0.22:30432: Connection refused"),
                            4,
                            4,
                            0,
                            0)));

    static final EndedView ENDED = new EndedView(List.of(
            new EndedConnectionView(
                    NOON.plusSeconds(69),
                    "7f3a-92",
                    "198.18.0.77:33120",
                    "default/db",
                    "198.18.0.10:5432",
                    Optional.of("198.18.0.23:30432"),
                    1,
                    0.8,
                    310,
                    0,
                    "backend_reset",
                    "Connection reset by peer"),
            new EndedConnectionView(
                    NOON.plusSeconds(67),
                    "7f3a-90",
                    "198.18.0.90:51000",
                    "default/db",
                    "198.18.0.10:5432",
                    Optional.of("198.18.0.21:30432"),
                    1,
                    31,
                    4_000,
                    1_000_000,
                    "client_closed",
                    ""),
            new EndedConnectionView(
                    NOON.plusSeconds(60),
                    "",
                    "203.0.113.7:6001",
                    "default/db",
                    "198.18.0.10:5432",
                    Optional.empty(),
                    0,
                    0,
                    0,
                    0,
                    "source_refused",
                    "")));

    static final EventsView EVENTS = new EventsView(
            "1-1",
            412,
            List.of(
                    new EventView(
                            411,
                            NOON,
                            "info",
                            Optional.of("default/web"),
                            Optional.empty(),
                            "Service default/web is served on 198.18.0.9"),
                    new EventView(
                            412,
                            NOON.plusSeconds(1),
                            "warn",
                            Optional.of("default/mail"),
                            Optional.of("AddressInUse"),
                            "default/mail: 198.18.0.9 is held by Service default/web,\u001b[31m which is older")));

    static final ExplanationView WEB = new ExplanationView(
            "default/web",
            true,
            true,
            Optional.empty(),
            List.of(new OfFinding("service", "good", Optional.empty(), "type LoadBalancer, no loadBalancerClass")));

    static final ExplanationView MAIL = new ExplanationView(
            "default/mail",
            true,
            false,
            Optional.of(new OfProblem("AddressInUse", "198.18.0.9 is held by Service default/web, which is older")),
            List.of(
                    new OfFinding("service", "good", Optional.empty(), "type LoadBalancer, no loadBalancerClass"),
                    new OfFinding("request", "good", Optional.empty(), "198.18.0.9, by spec.loadBalancerIP"),
                    new OfFinding("subnet", "remark", Optional.of("NotFromPool"), "198.18.0.9 is in no pool"),
                    new OfFinding(
                            "holder",
                            "refused",
                            Optional.of("AddressInUse"),
                            "198.18.0.9 is held by Service default/web, which is older; to share it, write"
                                    + " littlelb.io/allow-shared-ip with one key on both, in one namespace"),
                    new OfFinding("address", "pending", Optional.empty(), "not asked for before it is held")));

    static final ExplanationView NOT_OURS = new ExplanationView(
            "default/other",
            false,
            false,
            Optional.empty(),
            List.of(new OfFinding("service", "refused", Optional.empty(), "its type is ClusterIP")));
}
