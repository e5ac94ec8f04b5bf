package io.littlelb.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.loop.PassLog;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.loop.Reconciler;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceBuilder;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.news.Journal;
import io.littlelb.core.news.News;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Placer;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.testkit.log.LogCapture;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import io.littlelb.testkit.memory.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of passes: a line a Service, each thing once, in the log and in the journal alike. */
final class PassLogTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final Backend BACKEND = Backend.parse("198.18.0.21:8080").orElseThrow();
    private static final PortBackends ONE = PortBackends.ofBoth(new Backends.Listed(List.of(BACKEND)));

    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryAddressManager addresses = new InMemoryAddressManager(
            new Link("br0", 7, Link.State.UP, List.of(cidr("198.18.0.1/24"), cidr("2001:db8::1/64")), Set.of()));
    private final InMemoryForwarder forwarder = new InMemoryForwarder();
    private final TestClock clock = new TestClock();
    private final Journal journal = new Journal();
    private final PassLog log = new PassLog(journal);
    private Orders orders = Orders.NONE;
    private long seen;

    private final Reconciler reconciler = new Reconciler(
            cluster,
            new Actuators(addresses, forwarder, cluster),
            () -> Settings.DEFAULT,
            () -> orders,
            Placer.ALONE,
            new Desire(PublishPolicy.always(Publish.STATUS)),
            new Planner(),
            clock);

    @Test
    void tellsOfAServiceInALineAPassHoweverManyPortsItHas() {
        cluster.put(web(20), ONE);
        assertThat(told(reconciler.pass()))
                .containsExactly(
                        "Link br0 is up with [198.18.0.1/24, 2001:db8::1/64]",
                        "default/web: adding 198.18.0.9, 2001:db8::9 to the link");
        addresses.settle();

        assertThat(told(reconciler.pass()))
                .containsExactly("default/web: 20 ports open on 198.18.0.9, 2001:db8::9, 1 backend");
        assertThat(told(reconciler.pass())).containsExactly("Service default/web is served on 198.18.0.9, 2001:db8::9");
        assertThat(told(reconciler.pass())).isEmpty();
    }

    @Test
    void namesAFewPortsAndTellsWhatBecomesOfThem() {
        served(web(2));
        cluster.put(
                web(2),
                PortBackends.ofBoth(new Backends.Listed(
                        List.of(BACKEND, Backend.parse("198.18.0.22:8080").orElseThrow()))));
        assertThat(told(reconciler.pass()))
                .containsExactly("default/web: ports 80, 81 changed on 198.18.0.9, 2001:db8::9, now 2 backends");

        cluster.put(web(1), ONE);
        assertThat(told(reconciler.pass()))
                .containsExactly("default/web: port 81 closed on 198.18.0.9, 2001:db8::9;"
                        + " port 80 changed on 198.18.0.9, 2001:db8::9, now 1 backend");

        cluster.delete(WEB);
        assertThat(told(reconciler.pass()))
                .containsExactly(
                        "default/web: port 80 closed on 198.18.0.9, 2001:db8::9",
                        "Service default/web is withdrawn: it is not asked for any more");
        assertThat(told(reconciler.pass())).containsExactly("Removing 198.18.0.9, 2001:db8::9 from the link");
    }

    @Test
    void tellsOnceThatPortsFailHoweverManyAndHoweverLong() {
        forwarder.gate(operation -> {
            throw new IOException("bind: EADDRINUSE (Address already in use)");
        });
        cluster.put(web(20), ONE);
        told(reconciler.pass());
        addresses.settle();

        assertThat(told(reconciler.pass()))
                .singleElement()
                .isEqualTo("default/web: could not serve on 198.18.0.9:80: bind: EADDRINUSE (Address already in use);"
                        + " and 39 more of 40 such steps failed");
        assertThat(told(reconciler.pass()))
                .singleElement()
                .asString()
                .startsWith("Service default/web is not served as asked: BindFailed: ")
                .hasSizeLessThan(2_000);
        clock.advance(Duration.ofMinutes(1));
        assertThat(told(reconciler.pass())).as("said before").isEmpty();
        forwarder.gate(operation -> {});
        clock.advance(Duration.ofMinutes(1));
        assertThat(told(reconciler.pass()))
                .containsExactly("default/web: 20 ports open on 198.18.0.9, 2001:db8::9, 1 backend");
        assertThat(told(reconciler.pass())).containsExactly("Service default/web is served on 198.18.0.9, 2001:db8::9");
    }

    @Test
    void tellsWhoDrainsOnceAndNotAsAComplaint() {
        served(web(1));
        orders = orders.drain(WEB);
        assertThat(toldUntilSettled())
                .containsExactly(
                        "Service default/web is drained by a person: it gets no new connections until it is undrained",
                        "default/web: port 80 closed to clients on 198.18.0.9, 2001:db8::9");

        orders = orders.undrain(WEB);
        assertThat(toldUntilSettled())
                .containsExactly(
                        "Service default/web is not drained any more",
                        "default/web: port 80 open on 198.18.0.9, 2001:db8::9, 1 backend");
    }

    @Test
    void tellsNoEndOfAComplaintWhileItsServiceIsDrained() {
        served(web(1));
        cluster.put(web(1), PortBackends.ofBoth(Backends.none()));
        assertThat(toldUntilSettled())
                .contains("Service default/web is not served as asked: NoBackends: port 80/TCP has no endpoint");

        orders = orders.drain(WEB);
        assertThat(toldUntilSettled())
                .containsExactly(
                        "Service default/web is drained by a person: it gets no new connections until it is undrained");
        orders = orders.undrain(WEB);
        assertThat(toldUntilSettled()).containsExactly("Service default/web is not drained any more");

        cluster.put(web(1), ONE);
        assertThat(toldUntilSettled()).contains("Service default/web is served as asked again");
    }

    /** Each is two units of UTF-16: fewer characters than units, and a cut may fall between the two. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x"})
    void cutsWhatIsTooLongBetweenCharactersAndNotWithinOne(String before) {
        forwarder.gate(operation -> {
            throw new IOException(before + "\uD83D\uDC51".repeat(400));
        });
        cluster.put(web(20), ONE);
        told(reconciler.pass());
        addresses.settle();
        told(reconciler.pass());

        assertThat(told(reconciler.pass())).singleElement().satisfies(line -> {
            assertThat(line)
                    .startsWith("Service default/web is not served as asked: ")
                    .contains("… and so on");
            assertThat(line.codePoints())
                    .as("no half of a pair")
                    .noneMatch(point -> Character.getType(point) == Character.SURROGATE);
        });
    }

    @Test
    void tellsOfAComplaintWithItsServiceAndReasonAndOfItsEnd() {
        served(web(1));
        cluster.put(web(1), PortBackends.ofBoth(Backends.none()));
        assertThat(toldUntilSettled())
                .containsExactly(
                        "default/web: port 80 closed to clients on 198.18.0.9, 2001:db8::9",
                        "Service default/web is not served as asked: NoBackends: port 80/TCP has no endpoint");
        assertThat(journal.last(1, news -> news.level() == News.Level.WARN))
                .singleElement()
                .satisfies(news -> {
                    assertThat(news.service()).contains(WEB);
                    assertThat(news.reason()).contains(Reason.NoBackends);
                });

        cluster.put(web(1), ONE);
        assertThat(toldUntilSettled()).contains("Service default/web is served as asked again");
    }

    @Test
    void tellsOfACleanStopInALine() {
        served(web(1));

        assertThat(told(reconciler.withdraw()))
                .containsExactly(
                        "default/web: port 80 closed on 198.18.0.9, 2001:db8::9",
                        "Service default/web is withdrawn, for this load balancer stops");
    }

    private void served(ServiceSpec service) {
        cluster.put(service, ONE);
        told(reconciler.pass());
        addresses.settle();
        toldUntilSettled();
    }

    private List<String> toldUntilSettled() {
        Stream.Builder<String> all = Stream.builder();
        PassResult pass;
        do {
            pass = reconciler.pass();
            told(pass).forEach(all);
        } while (!pass.converged());
        return all.build().toList();
    }

    /** What is said of a pass in the log, which is what is in the journal. */
    private List<String> told(PassResult pass) {
        try (LogCapture captured = LogCapture.of(PassLog.class)) {
            log.onPass(pass);
            List<News> news = journal.last(Journal.KEPT, each -> each.number() > seen);
            seen += news.size();
            assertThat(captured.lines()).isEqualTo(news.stream().map(News::text).toList());
            assertThat(news).allMatch(each -> each.at().equals(pass.at()));
            return captured.lines();
        }
    }

    private static ServiceSpec web(int ports) {
        ServiceBuilder web = ServiceSpec.named("default/web").address("198.18.0.9", "2001:db8::9");
        for (int port = 80; port < 80 + ports; port++) {
            web.port("", Protocol.TCP, port, ONE);
        }
        return web.build().spec();
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }
}
