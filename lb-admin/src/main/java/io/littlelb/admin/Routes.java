package io.littlelb.admin;

import com.google.common.base.Suppliers;
import io.littlelb.admin.http.Answer;
import io.littlelb.admin.http.Answering;
import io.littlelb.admin.http.Question;
import io.littlelb.admin.view.ErrorView;
import io.littlelb.admin.view.ExplanationView;
import io.littlelb.admin.view.ExplanationsView;
import io.littlelb.admin.view.Json;
import io.littlelb.admin.view.OrderView;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import io.littlelb.core.model.SourceContact;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What can be asked, and ordered, and where. */
final class Routes {
    /** In which a thread that turns has had a turn; a probe of Kubernetes waits no longer than a second by default. */
    private static final Duration TURN = Duration.ofMillis(700);

    private static final String READINGS =
            "/v1/status /v1/services /v1/addresses /v1/backends /v1/explain/NAMESPACE/NAME /v1/events /metrics /healthz /readyz";

    private final Instance instance;
    private final Rates rates;
    private final OwnProcess process = new OwnProcess();
    /** Not loaded before somebody asks. */
    private final Supplier<MetricsPage> metrics = Suppliers.memoize(MetricsPage::new);

    Routes(Instance instance, Rates rates) {
        this.instance = instance;
        this.rates = rates;
    }

    /** What everybody may know who reaches an address: nothing is changed by it, and no client is named. */
    Answering readings() {
        return new Half(false);
    }

    /** All of it. */
    Answering everything() {
        return new Half(true);
    }

    private final class Half implements Answering {
        private final boolean whole;

        Half(boolean whole) {
            this.whole = whole;
        }

        @Override
        public boolean isQuick(Question question) {
            return question.path().equals(List.of("healthz")) || question.path().equals(List.of("readyz"));
        }

        @Override
        public Answer answer(Question question) {
            return Routes.this.answer(question, whole);
        }
    }

    private Answer answer(Question question, boolean whole) {
        try {
            Optional<Answer> reading = reading(question);
            if (reading.isPresent()) {
                return question.onlyReads() ? reading.get() : error(405, "this is only to be read: GET");
            }
            Optional<Answer> more = whole ? forItsOwner(question) : Optional.empty();
            return more.orElseGet(() -> notHere(whole));
        } catch (WrongQuestion wrong) {
            return error(400, wrong.getMessage());
        }
    }

    private static Answer notHere(boolean whole) {
        return error(
                404,
                "there is nothing here; known are " + READINGS
                        + (whole
                                ? " /v1/connections /v1/connections/ended /v1/log-level, and to POST: /v1/explain"
                                        + " /v1/drain/NAMESPACE/NAME /v1/undrain/NAMESPACE/NAME /v1/disconnect /v1/reload /v1/log-level"
                                : "; connections and orders are on the unix socket only"));
    }

    private static Answer error(int code, String text) {
        return new Answer(code, Answer.JSON, out -> Json.write(new ErrorView(text), out));
    }

    private static Answer view(Object view) {
        return new Answer(200, Answer.JSON, out -> Json.write(view, out));
    }

    private Observation look() {
        return Observation.of(instance, rates);
    }

    private Optional<Answer> reading(Question question) throws WrongQuestion {
        List<String> path = question.path();
        Wanted wanted = new Wanted(question);
        return switch (String.join("/", path)) {
            case "" -> Optional.of(Answer.text(200, "Little LB " + instance.version() + "\n\n" + READINGS + "\n"));
            case "healthz" -> Optional.of(health());
            case "readyz" -> Optional.of(readiness());
            case "metrics" -> Optional.of(metrics.get().answer(look(), process, question.accept()));
            case "v1/status" -> Optional.of(view(StatusMaker.status(look(), process)));
            case "v1/services" -> Optional.of(view(ServicesMaker.services(look(), wanted.services())));
            case "v1/addresses" -> Optional.of(view(AddressesMaker.addresses(look())));
            case "v1/backends" -> Optional.of(view(BackendsMaker.backends(look(), wanted.services())));
            case "v1/events" -> Optional.of(view(EventsMaker.events(process.identity(), instance.journal(), question)));
            default ->
                path.size() == 4 && path.get(0).equals("v1") && path.get(1).equals("explain")
                        ? Optional.of(explanation(new ServiceKey(path.get(2), path.get(3))))
                        : Optional.empty();
        };
    }

    private Answer health() {
        return instance.loadBalancer().isTurning(TURN)
                ? Answer.text(200, "ok\n")
                : Answer.text(
                        503,
                        "a pass has lasted for more than ten seconds, or a thread that moves bytes has not turned within "
                                + TURN.toMillis() + " ms\n");
    }

    private Answer readiness() {
        return isKnown() ? Answer.text(200, "ok\n") : Answer.text(503, whatIsWaitedFor() + "\n");
    }

    private Answer explanation(ServiceKey key) {
        if (!isKnown()) {
            return notYet();
        }
        return ExplanationMaker.explain(instance.loadBalancer(), key)
                .map(Routes::view)
                .orElseGet(this::notYet);
    }

    private boolean isKnown() {
        return instance.loadBalancer().lastPass().filter(PassResult::synced).isPresent();
    }

    private Answer notYet() {
        return error(503, "nothing is decided yet; " + whatIsWaitedFor());
    }

    private String whatIsWaitedFor() {
        SourceContact contact = instance.source().contact();
        return Shown.escaped("waiting until all Services and endpoints are known: "
                + contact.trouble().orElse(contact.place() + " has not said all yet"));
    }

    private Optional<Answer> forItsOwner(Question question) throws WrongQuestion {
        String path = String.join("/", question.path());
        if (question.onlyReads()) {
            return switch (path) {
                case "v1/connections" ->
                    Optional.of(view(ConnectionsMaker.connections(instance.forwarder(), question)));
                case "v1/connections/ended" ->
                    Optional.of(view(ConnectionsMaker.ended(instance, question, Instant.now())));
                case "v1/log-level" ->
                    Optional.of(view(new OrderView(true, instance.controls().logLevel())));
                default -> Optional.empty();
            };
        }
        if (!question.method().equals("POST")) {
            return Optional.of(error(405, "GET and POST are understood"));
        }
        return order(question, path);
    }

    private Optional<Answer> order(Question question, String path) throws WrongQuestion {
        List<String> parts = question.path();
        if (parts.size() == 4 && parts.get(0).equals("v1")) {
            ServiceKey key = new ServiceKey(parts.get(2), parts.get(3));
            return switch (parts.get(1)) {
                case "drain" -> Optional.of(drain(key));
                case "undrain" -> Optional.of(undrain(key));
                default -> Optional.empty();
            };
        }
        return switch (path) {
            case "v1/explain" -> Optional.of(explainManifests(question.body()));
            case "v1/disconnect" -> Optional.of(view(disconnect(question)));
            case "v1/reload" -> Optional.of(view(instance.controls().reload()));
            case "v1/log-level" -> Optional.of(view(logLevel(question)));
            default -> Optional.empty();
        };
    }

    private Answer explainManifests(String text) throws WrongQuestion {
        List<ExplanationView> views = new ArrayList<>();
        try {
            for (Controls.Manifest manifest : instance.controls().read(text)) {
                Optional<ExplanationView> explanation = ExplanationMaker.explain(instance.loadBalancer(), manifest);
                if (explanation.isEmpty()) {
                    return notYet();
                }
                views.add(explanation.get());
            }
        } catch (IllegalArgumentException e) {
            throw new WrongQuestion(Shown.escaped(e.getMessage()));
        }
        return view(new ExplanationsView(views));
    }

    private boolean exists(ServiceKey key) {
        return instance.loadBalancer()
                .lastPass()
                .filter(pass -> pass.inputs().cluster().services().containsKey(key))
                .isPresent();
    }

    /** Of a Service that is not there nobody can know whether it was meant: it may be a name that was mistyped. */
    private Answer drain(ServiceKey key) {
        if (!isKnown()) {
            return notYet();
        }
        if (!exists(key)) {
            return noSuchService(key);
        }
        boolean before = isDrained(key);
        instance.loadBalancer().drain(key);
        return view(new OrderView(
                !before, key + (before ? " is drained already" : " gets no new connections until it is undrained")));
    }

    private Answer undrain(ServiceKey key) {
        boolean before = isDrained(key);
        if (!before && !isKnown()) {
            return notYet();
        }
        if (!before && !exists(key)) {
            return noSuchService(key);
        }
        instance.loadBalancer().undrain(key);
        return view(new OrderView(before, key + (before ? " gets new connections again" : " was not drained")));
    }

    private boolean isDrained(ServiceKey key) {
        return instance.loadBalancer().orders().drained().contains(key);
    }

    private static Answer noSuchService(ServiceKey key) {
        return error(404, Shown.escaped("there is no Service " + key + " to serve here; nothing was done"));
    }

    private OrderView disconnect(Question question) throws WrongQuestion {
        new Wanted(question).only("id", "client", "backend", "service");
        boolean chosen = List.of("id", "client", "backend", "service").stream()
                .anyMatch(name -> question.parameter(name).isPresent());
        if (!chosen) {
            throw new WrongQuestion("whom to disconnect is not said: id, client, backend or service");
        }
        int ended = instance.forwarder().disconnect(ConnectionsMaker.meant(question));
        return new OrderView(ended > 0, ended + (ended == 1 ? " connection was ended" : " connections were ended"));
    }

    private OrderView logLevel(Question question) throws WrongQuestion {
        new Wanted(question).only("level");
        String level =
                question.parameter("level").orElseThrow(() -> new WrongQuestion("level: error, warn, info or debug"));
        try {
            instance.controls().logLevel(level);
        } catch (IllegalArgumentException e) {
            throw new WrongQuestion(Shown.escaped(e.getMessage()));
        }
        return new OrderView(true, "the log's level is " + instance.controls().logLevel());
    }
}
