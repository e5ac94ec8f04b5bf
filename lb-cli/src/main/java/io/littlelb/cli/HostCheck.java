package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.netlink.link.Links;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for what on this host would keep Little LB from serving on a link, or get in its way. Changes nothing.
 *
 * @param proc {@code /proc}
 * @param run {@code /run}, where other programs keep what they are doing
 */
record HostCheck(Path proc, Path run) {
    /** Of {@code linux/capability.h}: name, bit, and what is not done without it. */
    private enum Capability {
        NET_ADMIN(12, Finding.Level.FAIL, "no address can be added"),
        NET_RAW(13, Finding.Level.WARN, "addresses are neither probed nor announced"),
        NET_BIND_SERVICE(10, Finding.Level.WARN, "ports below 1024 cannot be listened on");

        private final int bit;
        private final Finding.Level level;
        private final String without;

        Capability(int bit, Finding.Level level, String without) {
            this.bit = bit;
            this.level = level;
            this.without = without;
        }
    }

    private static final Pattern EFFECTIVE = Pattern.compile("CapEff:\\s*([0-9a-f]{16})");
    private static final Pattern NETWORKD_STATE = Pattern.compile("^ADMIN_STATE=(.*)$", Pattern.MULTILINE);
    private static final Pattern NETWORKD_FILE = Pattern.compile("^NETWORK_FILE=(.*)$", Pattern.MULTILINE);
    private static final Pattern KEEPS_ADDRESSES =
            Pattern.compile("^\\s*KeepConfiguration\\s*=\\s*(yes|true|on|1|static)\\s*$", Pattern.MULTILINE);
    private static final Pattern MANAGED = Pattern.compile("^managed=(true|1)$", Pattern.MULTILINE);

    static HostCheck ofThisHost() {
        return new HostCheck(Path.of("/proc"), Path.of("/run"));
    }

    /** What there is to say about serving on a link, the kernel first. */
    List<Finding> findings(String linkName) throws IOException {
        List<Link> links = Links.list();
        List<Finding> findings = new ArrayList<>(List.of(kernel()));
        findings.addAll(capabilities());
        Optional<Link> found =
                links.stream().filter(link -> link.name().equals(linkName)).findFirst();
        if (found.isEmpty()) {
            findings.add(Finding.warn(
                    "there is no link " + linkName + "; it will be waited for",
                    "this host has " + links.stream().map(Link::name).collect(joining(", "))));
            return findings;
        }
        Link link = found.get();
        findings.addAll(link(link));
        for (Link other : links) {
            if (sharesTheLan(link, other)) {
                findings.add(arp(link, other));
            }
        }
        networkd(link).ifPresent(findings::add);
        networkManager(link).ifPresent(findings::add);
        return findings;
    }

    private Finding kernel() throws IOException {
        String release = Files.readString(proc.resolve("sys/kernel/osrelease")).strip();
        return Links.canMark(Family.IPV6)
                ? Finding.ok("kernel " + release + " marks the addresses that are ours")
                : Finding.warn(
                        "kernel " + release
                                + " can mark IPv4 addresses only, by a label; no IPv6 address will be added",
                        "use Linux 5.18 or later");
    }

    private List<Finding> capabilities() throws IOException {
        Matcher effective = EFFECTIVE.matcher(Files.readString(proc.resolve("thread-self/status")));
        long has = effective.find() ? Long.parseUnsignedLong(effective.group(1), 16) : 0;
        List<Finding> findings = new ArrayList<>();
        for (Capability each : Capability.values()) {
            findings.add(
                    (has >> each.bit & 1) != 0
                            ? Finding.ok("capability " + each)
                            : new Finding(
                                    each.level,
                                    "capability " + each + " is missing: " + each.without,
                                    "run as root, or add it: AmbientCapabilities=CAP_" + each
                                            + " in a systemd unit, capabilities.add in a pod's securityContext"));
        }
        return findings;
    }

    private static List<Finding> link(Link link) {
        List<Finding> findings = new ArrayList<>();
        String name = link.name();
        findings.add(
                link.state() == Link.State.UP
                        ? Finding.ok("link " + name + " is up")
                        : Finding.warn(
                                "link " + name + " is not up; until it is, nothing changes on it",
                                "ip link set " + name + " up"));
        for (Family family : Family.values()) {
            List<Cidr> subnets = link.subnets(family);
            findings.add(
                    subnets.isEmpty()
                            ? Finding.warn(
                                    "link " + name + " has no " + family
                                            + " address: no Service gets one of this family",
                                    "ip addr add ADDRESS/LENGTH dev " + name + ", if there are to be")
                            : Finding.ok("link " + name + " is in "
                                    + subnets.stream().map(Cidr::toString).collect(joining(", "))));
        }
        return findings;
    }

    private static boolean sharesTheLan(Link link, Link other) {
        boolean candidate = !other.name().equals(link.name()) && other.state() == Link.State.UP;
        return candidate
                && link.subnets(Family.IPV4).stream()
                        .anyMatch(subnet -> other.subnets(Family.IPV4).stream()
                                .anyMatch(its -> subnet.contains(its.address()) || its.contains(subnet.address())));
    }

    /** By default a host answers on every link for all its addresses: neighbours then may learn the wrong link's. */
    private Finding arp(Link link, Link other) throws IOException {
        boolean strict = true;
        for (Link each : List.of(link, other)) {
            strict &= ipv4Setting(each.name(), "arp_ignore") >= 1 && ipv4Setting(each.name(), "arp_announce") >= 2;
        }
        String both = "links " + link.name() + " and " + other.name() + " are in one subnet";
        return strict
                ? Finding.ok(both + ", and each answers ARP for its own addresses only")
                : Finding.warn(
                        both + ", and each answers ARP for the addresses of the other",
                        "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2");
    }

    /** The larger of what is set for all links and for this one, as the kernel has it for these settings. */
    private int ipv4Setting(String link, String name) throws IOException {
        int value = 0;
        for (String of : List.of("all", link)) {
            Path file = proc.resolve("sys/net/ipv4/conf").resolve(of).resolve(name);
            value = Math.max(value, Integer.parseInt(Files.readString(file).strip()));
        }
        return value;
    }

    /** systemd-networkd.service(8): it flushes the addresses of a link when it brings it up, those it did not add, too. */
    private Optional<Finding> networkd(Link link) throws IOException {
        String state = read(run.resolve("systemd/netif/links/" + link.index()));
        String admin = group(NETWORKD_STATE, state);
        if (admin.isEmpty() || admin.equals("unmanaged")) {
            return Optional.empty();
        }
        String file = group(NETWORKD_FILE, state);
        String network = file.isEmpty() ? "the link's .network file" : file;
        return Optional.of(
                !file.isEmpty() && KEEPS_ADDRESSES.matcher(read(Path.of(file))).find()
                        ? Finding.ok("systemd-networkd configures link " + link.name() + " and keeps others' addresses")
                        : Finding.warn(
                                "systemd-networkd configures link " + link.name()
                                        + " and removes others' addresses whenever it does",
                                "put KeepConfiguration=static into [Network] of " + network
                                        + " (systemd.network(5)) and run networkctl reload"));
    }

    private Optional<Finding> networkManager(Link link) throws IOException {
        String state = read(run.resolve("NetworkManager/devices/" + link.index()));
        return MANAGED.matcher(state).find()
                ? Optional.of(Finding.warn(
                        "NetworkManager manages link " + link.name()
                                + " and removes others' addresses when it activates it again",
                        "let it leave the link alone: unmanaged-devices=interface-name:" + link.name()
                                + " in [keyfile] of a file in /etc/NetworkManager/conf.d"))
                : Optional.empty();
    }

    private static String group(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Empty when there is no such file. */
    private static String read(Path file) throws IOException {
        return Files.isReadable(file) ? Files.readString(file) : "";
    }
}
