package io.littlelb.testkit.contract;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ApiRequest;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the core relies on in an {@link EndpointSource}, and whoever embeds one. */
public abstract class EndpointSourceContract {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceKey OTHER = new ServiceKey("default", "other");

    /** One that has seen that nobody asks for anything. */
    protected abstract EndpointSource source();

    /** A Service of namespace {@code default} with TCP port 80 asks for an address from now on, in the place of what it asked for before. */
    protected abstract void ask(String name, String address) throws Exception;

    /** There is no such Service any more. */
    protected abstract void withdraw(String name) throws Exception;

    @Test
    protected final void showsWhatIsAskedFor() throws Exception {
        ask("web", "198.18.0.9");
        ask("other", "2001:db8::9");

        awaitServices(WEB, OTHER);
        ServiceSpec web = snapshot().services().get(WEB);
        assertThat(web.key()).isEqualTo(WEB);
        assertThat(web.request()).isEqualTo(literal("198.18.0.9"));
        assertThat(web.uid()).isNotEmpty();
        assertThat(web.ports())
                .extracting(ServicePort::port, ServicePort::protocol)
                .containsExactly(tuple(80, Protocol.TCP));
        assertThat(snapshot().services().get(OTHER).request()).isEqualTo(literal("2001:db8::9"));
    }

    @Test
    protected final void showsEveryBackendsPortOfAServiceThatIsAskedFor() throws Exception {
        ask("web", "198.18.0.9");
        awaitServices(WEB);

        ServiceSpec web = snapshot().services().get(WEB);
        assertThat(snapshot().backends().get(WEB)).containsOnlyKeys(web.ports());
    }

    @Test
    protected final void followsChangesAndTellsOfThem() throws Exception {
        Queue<Set<ServiceKey>> seen = new ConcurrentLinkedQueue<>();
        source().onChange(() -> seen.add(source().snapshot()
                .map(it -> Set.copyOf(it.services().keySet()))
                .orElse(Set.of())));

        ask("web", "198.18.0.9");
        await().until(() -> seen.contains(Set.of(WEB)));
        ask("other", "198.18.0.10");
        await().until(() -> seen.contains(Set.of(WEB, OTHER)));
        withdraw("web");
        await().until(() -> seen.contains(Set.of(OTHER)));
    }

    @Test
    protected final void aServiceThatAsksForSomethingElseIsAskedForAnew() throws Exception {
        ask("web", "198.18.0.9");
        awaitServices(WEB);
        AtomicInteger told = new AtomicInteger();
        source().onChange(told::incrementAndGet);

        ask("web", "198.18.0.10");

        await().until(() -> snapshot().services().get(WEB).request().equals(literal("198.18.0.10")));
        await().until(() -> told.get() > 0);
    }

    @Test
    protected final void whatWasReturnedNeverChanges() throws Exception {
        ask("web", "198.18.0.9");
        awaitServices(WEB);
        ClusterSnapshot before = snapshot();

        ask("other", "198.18.0.10");
        withdraw("web");
        awaitServices(OTHER);

        assertThat(before.services()).containsOnlyKeys(WEB);
        assertThat(before.services().get(WEB).request()).isEqualTo(literal("198.18.0.9"));
        assertThat(before.backends()).containsOnlyKeys(WEB);
    }

    @Test
    protected final void saysWhereServicesAreFromAndThatAllIsWell() throws Exception {
        ask("web", "198.18.0.9");
        awaitServices(WEB);

        await().until(() -> source().contact().isLive());
        assertThat(source().contact().place()).isNotEmpty();
        Set<String> requests =
                source().requests().keySet().stream().map(ApiRequest::result).collect(toSet());
        assertThat(requests).allMatch(result -> result.equals("none") || result.matches("[1-5][0-9][0-9]"));
    }

    @Test
    protected final void onlyTheLastListenerIsTold() throws Exception {
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        source().onChange(first::incrementAndGet);
        source().onChange(second::incrementAndGet);
        int before = first.get();

        ask("web", "198.18.0.9");

        await().until(() -> second.get() > 0);
        awaitServices(WEB);
        assertThat(first).hasValue(before);
    }

    @Test
    protected final void closedItKeepsItsLastAnswer() throws Exception {
        ask("web", "198.18.0.9");
        awaitServices(WEB);
        ServiceSpec web = snapshot().services().get(WEB);

        source().close();
        source().close();

        assertThat(snapshot().services().get(WEB)).isEqualTo(web);
    }

    private ClusterSnapshot snapshot() {
        return source().snapshot().orElseThrow();
    }

    private void awaitServices(ServiceKey... keys) {
        await().until(() -> snapshot().services().keySet().equals(Set.of(keys)));
    }

    private static AddressRequest literal(String address) {
        return new AddressRequest.Literal(List.of(Addresses.parse(address).orElseThrow()));
    }
}
