package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.HTTP;
import static io.littlelb.core.plan.Fixtures.LINK;
import static io.littlelb.core.plan.Fixtures.cluster;
import static io.littlelb.core.plan.Fixtures.ip;
import static io.littlelb.core.plan.Fixtures.key;
import static io.littlelb.core.plan.Fixtures.service;
import static io.littlelb.core.plan.Fixtures.sharing;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AllocatorTest {
    private static final ServicePort HTTPS = new ServicePort("https", Protocol.TCP, 443);

    @Test
    void givesTheLinksAddressToWhoeverAsksForNothing() {
        assertThat(allocate(service("web", 1, ""))).isEqualTo(new Allocation.LinkAddress(ip("198.18.0.1")));
    }

    @Test
    void givesARequestedAddressOfASubnetOfTheLink() {
        assertThat(allocate(service("web", 1, "198.18.0.9"))).isEqualTo(new Allocation.Exclusive(ip("198.18.0.9")));
    }

    @Test
    void treatsARequestForTheLinksAddressAsNoRequest() {
        assertThat(allocate(service("web", 1, "198.18.0.1"))).isEqualTo(new Allocation.LinkAddress(ip("198.18.0.1")));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.9, AddressNotInSubnet, 198.18.0.0/24",
        "198.18.0.0, InvalidAddress, network or broadcast",
        "198.18.0.255, InvalidAddress, network or broadcast",
        "198.18.0.254, InvalidAddress, gateway",
        "198.18.0.200, AddressIsNode, node",
        "nonsense, InvalidAddress, nonsense",
    })
    void rejectsAnAddressThatNoServiceMayHave(String request, Reason reason, String detail) {
        assertThat(allocate(service("web", 1, request))).isInstanceOfSatisfying(Allocation.Rejected.class, rejected -> {
            assertThat(rejected.problem().reason()).isEqualTo(reason);
            assertThat(rejected.problem().detail()).contains(detail);
        });
    }

    @Test
    void givesAContestedAddressToTheOlderAndNamesItToTheOther() {
        Allocations allocations = Allocator.allocate(
                cluster(service("new", 2, "198.18.0.9"), service("old", 1, "198.18.0.9")), LINK, Allocations.NONE);
        assertThat(ipv4(allocations, "old")).isEqualTo(new Allocation.Exclusive(ip("198.18.0.9")));
        assertRejected(ipv4(allocations, "new"), Reason.AddressInUse, "default/old");
    }

    @Test
    void letsAHolderKeepItsAddressWhenAnOlderServiceAsksForIt() {
        ServiceSpec holder = service("holder", 2, "198.18.0.9");
        Allocations before = Allocator.allocate(cluster(holder), LINK, Allocations.NONE);
        Allocations after = Allocator.allocate(cluster(holder, service("older", 1, "198.18.0.9")), LINK, before);
        assertThat(ipv4(after, "holder")).isEqualTo(new Allocation.Exclusive(ip("198.18.0.9")));
        assertRejected(ipv4(after, "older"), Reason.AddressInUse, "default/holder");
    }

    @Test
    void letsAHolderOfAPortKeepItWhenAnOlderServiceAsksForIt() {
        ServiceSpec holder = service("holder", 2, "");
        Allocations before = Allocator.allocate(cluster(holder), LINK, Allocations.NONE);
        Allocations after = Allocator.allocate(cluster(holder, service("older", 1, "")), LINK, before);
        assertThat(ipv4(after, "holder").ip()).contains(ip("198.18.0.1"));
        assertRejected(ipv4(after, "older"), Reason.PortInUse, "default/holder");
    }

    @Test
    void knowsTheHolderAfterARestartFromWhatItsStatusSays() {
        ServiceSpec holder = service("holder", 2, "198.18.0.9");
        ServiceSpec older = service("older", 1, "198.18.0.9");
        ClusterSnapshot plain = cluster(holder, older);
        ServiceStatus status = new ServiceStatus(List.of(), List.of(), List.of(ip("198.18.0.9")), List.of());
        ClusterSnapshot restarted = new ClusterSnapshot(
                plain.services(),
                plain.backends(),
                Map.of(holder.key(), new Published(holder.uid(), status)),
                Set.of());
        Allocations allocations = Allocator.allocate(restarted, LINK, Allocations.published(restarted));
        assertThat(ipv4(allocations, "holder").ip()).contains(ip("198.18.0.9"));
        assertRejected(ipv4(allocations, "older"), Reason.AddressInUse, "default/holder");
    }

    @Test
    void doesNotTakeALaterServiceOfTheSameNameForTheHolder() {
        ServiceSpec recreated = service("web", 2, "198.18.0.9");
        ClusterSnapshot plain = cluster(recreated, service("older", 1, "198.18.0.9"));
        ServiceStatus status = new ServiceStatus(List.of(), List.of(), List.of(ip("198.18.0.9")), List.of());
        ClusterSnapshot restarted = new ClusterSnapshot(
                plain.services(), plain.backends(), Map.of(key("web"), new Published("another-uid", status)), Set.of());
        Allocations allocations = Allocator.allocate(restarted, LINK, Allocations.published(restarted));
        assertThat(ipv4(allocations, "older").ip()).contains(ip("198.18.0.9"));
    }

    @Test
    void servesTheOtherAsSoonAsTheHolderIsGone() {
        ServiceSpec old = service("old", 1, "198.18.0.9");
        ServiceSpec next = service("next", 2, "198.18.0.9");
        Allocations before = Allocator.allocate(cluster(old, next), LINK, Allocations.NONE);
        Allocations after = Allocator.allocate(cluster(next), LINK, before);
        assertThat(ipv4(after, "next")).isEqualTo(new Allocation.Exclusive(ip("198.18.0.9")));
    }

    @Test
    void letsServicesWithOneKeyShareAnAddressAsLongAsTheirPortsDiffer() {
        Allocations allocations = Allocator.allocate(
                cluster(
                        sharing(service("a", 1, "198.18.0.9", HTTP), "k"),
                        sharing(service("b", 2, "198.18.0.9", HTTPS), "k"),
                        sharing(service("c", 3, "198.18.0.9", HTTP), "k"),
                        sharing(service("d", 4, "198.18.0.9", new ServicePort("", Protocol.TCP, 81)), "other")),
                LINK,
                Allocations.NONE);
        assertThat(ipv4(allocations, "a")).isEqualTo(new Allocation.SharedByKey(ip("198.18.0.9"), "k"));
        assertThat(ipv4(allocations, "b")).isEqualTo(new Allocation.SharedByKey(ip("198.18.0.9"), "k"));
        assertRejected(ipv4(allocations, "c"), Reason.PortInUse, "default/a");
        assertRejected(ipv4(allocations, "d"), Reason.AddressInUse, "default/a");
    }

    @Test
    void givesOneAddressOfEachFamily() {
        Allocations allocations =
                Allocator.allocate(cluster(service("web", 1, "198.18.0.9,2001:db8::9")), LINK, Allocations.NONE);
        assertThat(allocations.of(key("web")))
                .containsEntry(Family.IPV4, new Allocation.Exclusive(ip("198.18.0.9")))
                .containsEntry(Family.IPV6, new Allocation.Exclusive(ip("2001:db8::9")));
    }

    @Test
    void keepsWhatWasHeldAndGivesOutNothingWhileTheLinkIsAway() {
        ServiceSpec holder = service("holder", 1, "198.18.0.9");
        Allocations before = Allocator.allocate(cluster(holder), LINK, Allocations.NONE);
        Allocations after = Allocator.allocate(
                cluster(holder, service("late", 2, "198.18.0.10")), Link.absent("br0", Link.State.MISSING), before);
        assertThat(ipv4(after, "holder")).isEqualTo(new Allocation.Exclusive(ip("198.18.0.9")));
        assertRejected(ipv4(after, "late"), Reason.LinkNotReady, "missing");
    }

    @Test
    void saysWhenTheLinkHasNoAddressOfTheFamily() {
        Link ipv6Only = new Link("br0", 7, Link.State.UP, List.of(Fixtures.HOST_6), Set.of());
        Allocations allocations = Allocator.allocate(cluster(service("web", 1, "")), ipv6Only, Allocations.NONE);
        assertRejected(ipv4(allocations, "web"), Reason.NoAddressOfFamily, "IPv4");
    }

    private static Allocation allocate(ServiceSpec service) {
        return Allocator.allocate(cluster(service), LINK, Allocations.NONE)
                .of(service.key())
                .get(Family.IPV4);
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
