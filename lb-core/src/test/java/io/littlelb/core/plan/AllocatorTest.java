package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.SUPPLY;
import static io.littlelb.core.plan.Fixtures.cluster;
import static io.littlelb.core.plan.Fixtures.ip;
import static io.littlelb.core.plan.Fixtures.key;
import static io.littlelb.core.plan.Fixtures.service;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Maps;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What allocations remember from one round to the next; who gets what in one round, {@link AllocationTableTest} tells. */
final class AllocatorTest {
    @Test
    void knowsTheHolderAfterARestartFromWhatItsStatusSays() {
        ServiceSpec holder = service("holder", 2, "198.18.0.9");
        ServiceSpec older = service("older", 1, "198.18.0.9");
        ClusterSnapshot plain = cluster(holder, older);
        ServiceStatus status =
                new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of());
        ClusterSnapshot restarted = new ClusterSnapshot(
                plain.services(),
                plain.backends(),
                Map.of(holder.key(), new Published(holder.uid(), status)),
                Set.of());
        Allocations allocations = Allocator.allocate(restarted, SUPPLY, Allocations.published(restarted));
        assertThat(ipv4(allocations, "holder").ip()).contains(ip("198.18.0.9"));
        assertRejected(ipv4(allocations, "older"), Reason.AddressInUse, "default/holder");
    }

    @Test
    void whoShowsAnAddressHoldsItBeforeAnOlderOneThatOnlyWasAllocatedIt() {
        ServiceSpec holder = service("holder", 2, "");
        ServiceSpec older = service("older", 1, "");
        ClusterSnapshot plain = cluster(holder, older);
        List<ServiceStatus.Ingress> ingress = List.of(new ServiceStatus.Ingress(ip("198.18.0.9"), List.of()));
        ServiceStatus shown =
                new ServiceStatus(ingress, List.of(), List.of(Held.exclusive(ip("198.18.0.8"))), List.of());
        ServiceStatus allocated =
                new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of());
        ClusterSnapshot restarted = new ClusterSnapshot(
                plain.services(),
                plain.backends(),
                Map.of(
                        holder.key(), new Published(holder.uid(), shown),
                        older.key(), new Published(older.uid(), allocated)),
                Set.of());

        Allocations published = Allocations.published(restarted);

        assertThat(published.held(holder.key(), Family.IPV4)).contains(ip("198.18.0.9"));
        assertThat(published.held(older.key(), Family.IPV4)).isEmpty();
    }

    @Test
    void doesNotTakeALaterServiceOfTheSameNameForTheHolder() {
        ServiceSpec recreated = service("web", 2, "198.18.0.9");
        ClusterSnapshot plain = cluster(recreated, service("older", 1, "198.18.0.9"));
        ServiceStatus status =
                new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of());
        ClusterSnapshot restarted = new ClusterSnapshot(
                plain.services(), plain.backends(), Map.of(key("web"), new Published("another-uid", status)), Set.of());
        Allocations allocations = Allocator.allocate(restarted, SUPPLY, Allocations.published(restarted));
        assertThat(ipv4(allocations, "older").ip()).contains(ip("198.18.0.9"));
    }

    /** With the terms beside it, and without: another manager may have the annotation, or an earlier version have written it. */
    @ParameterizedTest
    @EnumSource(
            value = Held.Terms.class,
            names = {"LINK", "EXCLUSIVE"})
    void keepsThoseWhoShareTheLinksOwnAddressWhenItIsAwayAtARestart(Held.Terms terms) {
        ServiceSpec any = service("any", 1, "");
        ServiceSpec asks = service("asks", 2, "198.18.0.1", new ServicePort("tls", Protocol.TCP, 443));
        ServiceSpec asksToo = service("asks-too", 3, "198.18.0.1", new ServicePort("alt", Protocol.TCP, 8443));
        ServiceStatus status =
                new ServiceStatus(List.of(), List.of(), List.of(new Held(ip("198.18.0.1"), terms)), List.of());
        ClusterSnapshot plain = cluster(any, asks, asksToo);
        ClusterSnapshot restarted = new ClusterSnapshot(
                plain.services(),
                plain.backends(),
                Maps.transformValues(plain.services(), service -> new Published(service.uid(), status)),
                Set.of());
        AddressSupply away = AddressSupply.of(Link.absent("br0", Link.State.MISSING));

        Allocations allocations = Allocator.allocate(restarted, away, Allocations.published(restarted));

        assertThat(plain.services().keySet())
                .allSatisfy(key -> assertThat(allocations.of(key).get(Family.IPV4))
                        .isEqualTo(new Allocation.LinkAddress(ip("198.18.0.1"))));
    }

    @Test
    void servesTheOtherAsSoonAsTheHolderIsGone() {
        ServiceSpec old = service("old", 1, "198.18.0.9");
        ServiceSpec next = service("next", 2, "198.18.0.9");
        Allocations before = Allocator.allocate(cluster(old, next), SUPPLY, Allocations.NONE);
        Allocations after = Allocator.allocate(cluster(next), SUPPLY, before);
        assertThat(ipv4(after, "next")).isEqualTo(new Allocation.Exclusive(ip("198.18.0.9")));
    }

    /** A kubelet or cloud provider tells of all that it sees on the node's links. */
    @Test
    void anAddressOfOursThatANodeTellsOfStaysOurs() {
        ServiceSpec web = service("web", 1, "198.18.0.9");
        ClusterSnapshot told = toldByANode(cluster(web), "198.18.0.9");
        AddressSupply marked =
                new AddressSupply(SUPPLY.link(), List.of(), Set.of(), Set.of(ip("198.18.0.9")), Boundaries.NONE);
        Allocations held = Allocator.allocate(cluster(web), SUPPLY, Allocations.NONE);

        assertThat(ipv4(Allocator.allocate(told, SUPPLY, held), "web").ip())
                .as("held by our own decision, and just not on the link")
                .contains(ip("198.18.0.9"));
        assertThat(ipv4(Allocator.allocate(told, marked, Allocations.NONE), "web")
                        .ip())
                .as("after a restart, by our mark")
                .contains(ip("198.18.0.9"));
    }

    @Test
    void whatAStatusSaysMakesNoNodesAddressOurs() {
        ServiceSpec web = service("web", 1, "198.18.0.9");
        ClusterSnapshot told = toldByANode(cluster(web), "198.18.0.9");
        ServiceStatus status =
                new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of());
        ClusterSnapshot forged = new ClusterSnapshot(
                told.services(),
                told.backends(),
                Map.of(web.key(), new Published(web.uid(), status)),
                told.nodeAddresses());

        assertRejected(
                ipv4(Allocator.allocate(forged, SUPPLY, Allocations.published(forged)), "web"),
                Reason.AddressIsNode,
                "198.18.0.9");
    }

    @Test
    void anAddressThatAnotherHostDefendsIsTheNodesThatTellsOfIt() {
        ServiceSpec web = service("web", 1, "198.18.0.9");
        ClusterSnapshot told = toldByANode(cluster(web), "198.18.0.9");
        AddressSupply defended = new AddressSupply(
                SUPPLY.link(), List.of(), Set.of(ip("198.18.0.9")), Set.of(ip("198.18.0.9")), Boundaries.NONE);
        Allocations held = Allocator.allocate(cluster(web), SUPPLY, Allocations.NONE);

        assertRejected(ipv4(Allocator.allocate(told, defended, held), "web"), Reason.AddressIsNode, "198.18.0.9");
    }

    private static ClusterSnapshot toldByANode(ClusterSnapshot plain, String ip) {
        return new ClusterSnapshot(plain.services(), plain.backends(), plain.published(), Set.of(ip(ip)));
    }

    private static Allocation ipv4(Allocations allocations, String name) {
        return allocations.of(key(name)).get(Family.IPV4);
    }

    private static void assertRejected(Allocation allocation, Reason reason, String detail) {
        assertThat(allocation).isInstanceOfSatisfying(Allocation.Rejected.class, rejected -> {
            assertThat(rejected.problem().reason()).isEqualTo(reason);
            assertThat(rejected.problem().detail()).contains(detail);
        });
    }
}
