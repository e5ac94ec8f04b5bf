package io.littlelb.cli;

import io.littlelb.cli.log.Logging;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Policy;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lb relay}: the data path alone, without addresses and without a reconciler. */
@Command(
        name = "relay",
        description = "Relays TCP from addresses of this host to backends, until SIGTERM or SIGINT.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class RelayCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(RelayCommand.class);

    @Parameters(
            paramLabel = "ADDR:PORT=BACKEND:PORT[,...]",
            arity = "1..*",
            description = "What to listen on, and where its connections go in turn.")
    private List<String> relays;

    @Mixin
    private ProxyOptions proxy;

    @Option(
            names = "--policy",
            paramLabel = "NAME=VALUE",
            completionCandidates = Candidates.class,
            description =
                    "How connections are treated, as the annotation littlelb.io/NAME would say: balance=client-ip."
                            + " May be given several times. There are ${COMPLETION-CANDIDATES}.")
    private Map<String, String> policies = Map.of();

    @Option(
            names = "--source-ranges",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrText.class,
            description = "The networks whose clients are served. Default: all.")
    private List<Cidr> sourceRanges = List.of();

    @Mixin
    private LogOptions logs;

    @Override
    public Integer call() throws Exception {
        try (Logging logging = logs.install()) {
            return relay(logging);
        }
    }

    private int relay(Logging logging) throws Exception {
        ProxyConfig config = proxy.config();
        TrafficPolicy traffic = traffic();
        Map<Frontend, FrontendConfig> wanted = new LinkedHashMap<>();
        for (String relay : relays) {
            parse(relay, traffic, wanted);
        }
        ProxyOptions.requireDescriptors();
        ProxyOptions.logLimit(config);
        StopSignal stop = StopSignal.listen();
        try (SpliceForwarder forwarder = SpliceForwarder.open(config)) {
            forwarder.onEnd(logging.access());
            for (Map.Entry<Frontend, FrontendConfig> each : wanted.entrySet()) {
                forwarder.set(each.getKey(), each.getValue());
                log.info("Relaying {} to {}", each.getKey(), each.getValue().backends());
            }
            stop.await();
        }
        return 0;
    }

    private TrafficPolicy traffic() throws UsageException {
        Map<Policy, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, String> each : policies.entrySet()) {
            texts.put(policy(each.getKey()), each.getValue());
        }
        Policy.Reading reading = Policy.read(texts);
        for (Policy.Refused refused : reading.refused()) {
            throw new UsageException("--policy " + refused.policy().text() + ": " + refused.why());
        }
        return reading.traffic().withSourceRanges(sourceRanges);
    }

    private static Policy policy(String name) throws UsageException {
        return Policy.named(name)
                .orElseThrow(() ->
                        new UsageException("--policy " + name + ": none of " + String.join(", ", Policy.names())));
    }

    /** The policies as the help shows them. */
    static final class Candidates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Policy.values())
                    .map(policy -> policy.text() + " (" + policy.allowed() + "; default: " + policy.byDefault() + ")")
                    .iterator();
        }
    }

    private static void parse(String relay, TrafficPolicy traffic, Map<Frontend, FrontendConfig> wanted)
            throws UsageException {
        int equals = relay.indexOf('=');
        if (equals < 0) {
            throw new UsageException(Shown.quoted(relay) + " is not ADDR:PORT=BACKEND:PORT[,BACKEND:PORT]");
        }
        Backend listen = address(relay.substring(0, equals), relay);
        List<Backend> backends = new ArrayList<>();
        for (String text : relay.substring(equals + 1).split(",", -1)) {
            backends.add(address(text, relay));
        }
        Frontend frontend = new Frontend(listen.ip(), listen.port(), Protocol.TCP);
        FrontendConfig config = new FrontendConfig(
                new ServiceKey("relay", frontend.toString()), new Backends.Listed(backends), traffic);
        if (wanted.put(frontend, config) != null) {
            throw new UsageException(frontend + " is given twice");
        }
    }

    private static Backend address(String text, String relay) throws UsageException {
        return Backend.parse(text)
                .orElseThrow(() -> new UsageException(Shown.quoted(text) + " in " + Shown.quoted(relay)
                        + " is not ADDRESS:PORT such as 198.18.0.9:80 or [2001:db8::9]:80"));
    }
}
