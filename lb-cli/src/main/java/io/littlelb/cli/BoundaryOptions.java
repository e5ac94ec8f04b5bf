package io.littlelb.cli;

import com.google.common.base.Splitter;
import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import io.littlelb.cli.flag.SpelledConstant;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags that say what no Service gets, whatever it asks for. */
final class BoundaryOptions {
    private static final Splitter COMMA = Splitter.on(',').trimResults().omitEmptyStrings();
    private static final Path LOCAL_RESERVED_PORTS = Path.of("/proc/sys/net/ipv4/ip_local_reserved_ports");
    /** The ports of sshd, and of what Kubernetes runs on every node. */
    private static final String EVERYWHERE = "22,10248-10259";
    /** The ports of BGP, of etcd and of the API server: on other addresses than the host's they may well be served. */
    private static final String ON_THE_HOSTS = "179,2379-2380,6443";

    private static final String BY_DEFAULT = "default";

    @Option(
            names = "--reserved-ports",
            paramLabel = "PORT[-PORT],…",
            defaultValue = BY_DEFAULT,
            description = "Ports that no Service gets, on any address: they are for programs of this host. Default: "
                    + EVERYWHERE + ", and on the host's own addresses also " + ON_THE_HOSTS
                    + " and net.ipv4.ip_local_reserved_ports; these on all, where a program of the host was seen to listen"
                    + " on all addresses. \"\" gives all.")
    private String reservedPorts;

    @Option(
            names = "--host-addresses",
            paramLabel = "used|refused",
            defaultValue = "used",
            converter = HostAddresses.Reader.class,
            description = "Whether Services may have addresses of this host itself, those without a request the link's"
                    + " own. Default: ${DEFAULT-VALUE}.")
    private HostAddresses hostAddresses;

    @Option(
            names = "--only-pools",
            fallbackValue = "true",
            description = "Give no address, even to who asks for it, that is in no --pool.")
    private boolean onlyPools;

    @Option(
            names = "--max-ports-per-service",
            paramLabel = "N",
            defaultValue = "1000",
            description = "A Service with more ports is not served: each costs a listener. Default: ${DEFAULT-VALUE}.")
    private int portsPerService;

    /** The values of {@code --host-addresses}. */
    enum HostAddresses {
        USED,
        REFUSED;

        static final class Reader extends SpelledConstant<HostAddresses> {
            Reader() {
                super(HostAddresses.values());
            }
        }
    }

    /** @param hasPools whether there is anything to give where only pools are given */
    Boundaries boundaries(boolean hasPools) throws UsageException, IOException {
        if (onlyPools && !hasPools) {
            throw new UsageException("--only-pools without a --pool: no Service could have an address");
        }
        if (portsPerService < 1) {
            throw new UsageException("--max-ports-per-service " + portsPerService + ": at least 1");
        }
        return new Boundaries(reserved(), hostAddresses == HostAddresses.USED, onlyPools, portsPerService);
    }

    private ReservedPorts reserved() throws UsageException, IOException {
        if (!reservedPorts.equals(BY_DEFAULT)) {
            return new ReservedPorts(parse(reservedPorts), TreeRangeSet.create());
        }
        RangeSet<Integer> onTheHosts = parse(ON_THE_HOSTS);
        if (Files.isReadable(LOCAL_RESERVED_PORTS)) {
            onTheHosts.addAll(parse(Files.readString(LOCAL_RESERVED_PORTS).strip()));
        }
        return new ReservedPorts(parse(EVERYWHERE), onTheHosts);
    }

    private static RangeSet<Integer> parse(String list) throws UsageException {
        RangeSet<Integer> ports = TreeRangeSet.create();
        for (String part : COMMA.split(list)) {
            int dash = part.indexOf('-');
            Optional<Integer> first = PortText.parse(dash < 0 ? part : part.substring(0, dash));
            Optional<Integer> last = PortText.parse(part.substring(dash + 1));
            if (first.isEmpty() || last.isEmpty() || first.get() > last.get()) {
                throw new UsageException("--reserved-ports: " + Shown.quoted(part)
                        + " is no port or range of ports such as 22 or 10248-10259");
            }
            ports.add(Range.closed(first.get(), last.get()));
        }
        return ports;
    }
}
