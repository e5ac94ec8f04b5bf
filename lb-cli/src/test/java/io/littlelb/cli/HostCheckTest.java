package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is found on a real link; what other programs have to say in {@code /run} is written down by the test. */
@ExtendWith(InNetworkNamespace.class)
class HostCheckTest {
    private static final Path PROC = Path.of("/proc");

    private NetworkNamespace network;

    @TempDir
    private Path run;

    @BeforeEach
    void makeALink(NetworkNamespace home) {
        network = home;
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 dev veth0");
    }

    @Test
    void aLinkWithAnAddressIsFine() throws Exception {
        network.ip("addr add 2001:db8::1/64 dev veth0 nodad");

        assertThat(findings()).allSatisfy(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.OK));
        assertThat(findings())
                .extracting(Finding::toString)
                .contains(
                        "ok    capability NET_ADMIN",
                        "ok    link veth0 is up",
                        "ok    link veth0 is in 198.18.0.0/24",
                        "ok    link veth0 is in 2001:db8::/64");
    }

    @Test
    void aFamilyWithoutAnAddressIsSaid() throws Exception {
        assertWarns("link veth0 has no IPv6 address", "ip addr add ADDRESS/LENGTH dev veth0");
    }

    @Test
    void aLinkThatIsDownOrAwayIsSaid() throws Exception {
        network.ip("link set veth0 down");
        assertWarns("link veth0 is not up", "ip link set veth0 up");

        network.ip("link del veth0");
        assertWarns("there is no link veth0; it will be waited for", "this host has lo");
    }

    @Test
    void twoLinksOfOneLanAnswerForEachOtherUnlessTheyAreTold() throws Exception {
        network.ip("addr add 198.18.0.2/24 dev veth1");

        assertWarns(
                "links veth0 and veth1 are in one subnet, and each answers ARP for the addresses of the other",
                "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2");

        network.execute(
                List.of("sysctl", "-q", "-w", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2"));
        assertThat(findings())
                .extracting(Finding::toString)
                .contains("ok    links veth0 and veth1 are in one subnet, and each answers ARP for its own addresses"
                        + " only");
    }

    @Test
    void networkdIsToldToKeepAddresses() throws Exception {
        Path file = Files.writeString(run.resolve("10-lan.network"), "[Match]\nName=veth0\n\n[Network]\nDHCP=yes\n");
        write("systemd/netif/links/" + index(), "ADMIN_STATE=configured\nNETWORK_FILE=" + file + "\n");

        assertWarns("systemd-networkd configures link veth0", "KeepConfiguration=static into [Network] of " + file);

        Files.writeString(file, "[Match]\nName=veth0\n\n[Network]\nDHCP=yes\nKeepConfiguration=static\n");
        assertThat(findings())
                .extracting(Finding::toString)
                .contains("ok    systemd-networkd configures link veth0 and keeps others' addresses");

        write("systemd/netif/links/" + index(), "ADMIN_STATE=unmanaged\n");
        assertThat(findings()).extracting(Finding::what).noneMatch(what -> what.contains("networkd"));
    }

    @Test
    void networkManagerIsToldToLeaveTheLinkAlone() throws Exception {
        write("NetworkManager/devices/" + index(), "[device]\nmanaged=true\n");
        assertWarns("NetworkManager manages link veth0", "unmanaged-devices=interface-name:veth0");

        write("NetworkManager/devices/" + index(), "[device]\nmanaged=false\n");
        assertThat(findings()).extracting(Finding::what).noneMatch(what -> what.contains("NetworkManager"));
    }

    @Test
    void whatAProcessMayNotDoIsSaid(@TempDir Path proc) throws Exception {
        Files.createDirectories(proc.resolve("thread-self"));
        Files.writeString(
                proc.resolve("thread-self/status"), "Name:\tlb\nCapEff:\t0000000000002400\n"); // RAW, BIND_SERVICE
        Files.createSymbolicLink(proc.resolve("sys"), PROC.resolve("sys"));

        List<Finding> findings = new HostCheck(proc, run).findings("veth0");

        assertThat(findings)
                .filteredOn(finding -> finding.level() == Finding.Level.FAIL)
                .singleElement()
                .asString()
                .startsWith("fail  capability NET_ADMIN is missing: no address can be added; run as root, or add it:");
    }

    private List<Finding> findings() throws IOException {
        return new HostCheck(PROC, run).findings("veth0");
    }

    private void assertWarns(String what, String remedy) throws IOException {
        assertThat(findings())
                .filteredOn(finding -> finding.level() == Finding.Level.WARN)
                .anySatisfy(finding -> {
                    assertThat(finding.what()).startsWith(what);
                    assertThat(finding.remedy()).contains(remedy);
                });
    }

    private String index() {
        return network.execute(List.of("sh", "-c", "ip -o link show dev veth0 | cut -d: -f1"))
                .strip();
    }

    private void write(String file, String text) throws IOException {
        Path path = run.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
