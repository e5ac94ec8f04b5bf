package io.littlelb.file;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Policy;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Shown;
import io.littlelb.core.model.TrafficPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The YAML that Services are written in, read strictly: a key nobody knows is a typing error, and is said to be one.
 *
 * <pre>
 * services:
 *   - name: web
 *     namespace: default                        # may be left out
 *     address: 198.18.0.9                       # or a list, one per family; left out: any of a pool, or the link's own
 *     pool: public                              # any address of one pool, instead of an address
 *     loadBalancerSourceRanges: [198.18.0.0/24] # may be left out: everybody is served
 *     balance: least-connections                # or another Policy by its name; may be left out
 *     ports:
 *       - port: 80
 *         protocol: TCP                         # may be left out
 *         backends: ["198.18.0.21:8080", "[2001:db8::2]:8080"]
 * </pre>
 */
public final class ServicesFile {
    private static final String[] KEYS = Stream.concat(
                    Stream.of("name", "namespace", "address", "pool", "ports", "loadBalancerSourceRanges"),
                    Policy.names().stream())
            .toArray(String[]::new);

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    private ServicesFile() {}

    /**
     * Reads a file once; {@link FileEndpointSource} follows it.
     *
     * @throws NoSuchFileException when there is none of this name
     * @throws ServicesFileException when it cannot be read or is invalid; names it
     */
    public static ClusterSnapshot read(Path file) throws NoSuchFileException, ServicesFileException {
        try {
            return parse(Files.readString(file));
        } catch (NoSuchFileException absent) {
            throw absent;
        } catch (IOException e) {
            throw ServicesFileException.unreadable(file, e);
        } catch (ServicesFileException e) {
            throw e.in(file);
        }
    }

    /** Reads the whole text, or says what is wrong and where. Of two Services that want the same, the upper one has it. */
    public static ClusterSnapshot parse(String text) throws ServicesFileException {
        YamlEntry document = new YamlEntry("", readTree(text));
        document.allow("services");
        Map<ServiceKey, ServiceSpec> services = new HashMap<>();
        Map<ServiceKey, Map<ServicePort, PortBackends>> backends = new HashMap<>();
        for (YamlEntry entry : document.list("services")) {
            entry.allow(KEYS);
            Map<ServicePort, PortBackends> ports = ports(entry);
            ServiceSpec service = service(entry, List.copyOf(ports.keySet()), services.size());
            if (services.put(service.key(), service) != null) {
                throw entry.wrong("there are two Services " + service.key());
            }
            backends.put(service.key(), ports);
        }
        return new ClusterSnapshot(services, backends, Map.of(), Set.of());
    }

    private static JsonNode readTree(String text) throws ServicesFileException {
        try {
            return new YAMLMapper().readTree(text);
        } catch (JacksonException e) {
            String where = e.getLocation() == null
                    ? ""
                    : "line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": ";
            throw new ServicesFileException(
                    where + e.getOriginalMessage().lines().findFirst().orElse("not YAML"), e);
        }
    }

    private static ServiceSpec service(YamlEntry entry, List<ServicePort> ports, int position)
            throws ServicesFileException {
        ServiceKey key = new ServiceKey(entry.optionalText("namespace").orElse("default"), entry.text("name"));
        String addresses = String.join(",", entry.texts("address"));
        AddressRequest request = AddressRequest.parse("", addresses);
        if (request instanceof AddressRequest.Invalid invalid) {
            throw entry.at("address").wrong(invalid.problem().detail());
        }
        Optional<String> pool = entry.optionalText("pool");
        if (pool.isPresent()) {
            if (!(request instanceof AddressRequest.Any)) {
                throw entry.at("pool").wrong("an address is asked for, too; set only one of them");
            }
            request = AddressRequest.ofPool(pool.get());
        }
        List<Cidr> sourceRanges = new ArrayList<>();
        for (String range : entry.texts("loadBalancerSourceRanges")) {
            sourceRanges.add(Cidr.parse(range)
                    .orElseThrow(() -> entry.at("loadBalancerSourceRanges")
                            .wrong(Shown.quoted(range) + " is not ADDRESS/LENGTH such as 198.18.0.0/24")));
        }
        return new ServiceSpec(
                key,
                "file:" + key,
                Instant.EPOCH.plusSeconds(position),
                request,
                Set.of(Family.IPV4),
                true,
                Optional.empty(),
                ports,
                Policies.of(traffic(entry).withSourceRanges(sourceRanges)));
    }

    private static TrafficPolicy traffic(YamlEntry entry) throws ServicesFileException {
        Map<Policy, String> texts = new EnumMap<>(Policy.class);
        for (Policy policy : Policy.values()) {
            entry.optionalText(policy.text()).ifPresent(text -> texts.put(policy, text));
        }
        Policy.Reading reading = Policy.read(texts);
        for (Policy.Refused refused : reading.refused()) {
            throw entry.at(refused.policy().text()).wrong(refused.why());
        }
        return reading.traffic();
    }

    private static Map<ServicePort, PortBackends> ports(YamlEntry service) throws ServicesFileException {
        Map<ServicePort, PortBackends> ports = new LinkedHashMap<>();
        for (YamlEntry entry : service.list("ports")) {
            entry.allow("name", "port", "protocol", "backends");
            List<Backend> backends = new ArrayList<>();
            for (String text : entry.texts("backends")) {
                backends.add(Backend.parse(text)
                        .orElseThrow(() -> entry.at("backends")
                                .wrong(Shown.quoted(text)
                                        + " is not ADDRESS:PORT such as 198.18.0.21:8080 or [2001:db8::2]:8080")));
            }
            ServicePort port = new ServicePort(entry.optionalText("name").orElse(""), protocol(entry), port(entry));
            boolean twice = ports.keySet().stream()
                    .anyMatch(other -> other.port() == port.port() && other.protocol() == port.protocol());
            if (twice) {
                throw entry.wrong("port " + port + " is there twice");
            }
            ports.put(port, PortBackends.ofBoth(new Backends.Listed(backends)));
        }
        if (ports.isEmpty()) {
            throw service.wrong("a Service needs at least one of ports");
        }
        return ports;
    }

    private static Protocol protocol(YamlEntry entry) throws ServicesFileException {
        String text = entry.optionalText("protocol").orElse("TCP");
        return Stream.of(Protocol.values())
                .filter(protocol -> protocol.name().equals(text))
                .findFirst()
                .orElseThrow(() -> entry.at("protocol").wrong(Shown.quoted(text) + " is none of TCP, UDP, SCTP"));
    }

    private static int port(YamlEntry entry) throws ServicesFileException {
        String text = entry.text("port");
        if (!PORT.matcher(text).matches() || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65_535) {
            throw entry.at("port").wrong(Shown.quoted(text) + " is not in 1..65535");
        }
        return Integer.parseInt(text);
    }
}
