package io.littlelb.cli;

import io.littlelb.admin.Controls;
import io.littlelb.admin.view.OrderView;
import io.littlelb.cli.log.LogLevels;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.file.ServicesFile;
import io.littlelb.file.ServicesFileException;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.ManifestException;
import io.littlelb.k8s.ServiceManifest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What persons order of this program beyond its load balancer. */
final class ProgramControls implements Controls {
    /** No manifest of Kubernetes has such a key. */
    private static final Pattern SERVICES_FILE = Pattern.compile("^services\\s*:", Pattern.MULTILINE);

    private final ClusterScope scope;
    private final LoadBalancer loadBalancer;
    private final LogLevels levels;
    private final Reload reload;

    /** @param scope which Services of a cluster are, or would be, served */
    ProgramControls(ClusterScope scope, LoadBalancer loadBalancer, LogLevels levels, Reload reload) {
        this.scope = scope;
        this.loadBalancer = loadBalancer;
        this.levels = levels;
        this.reload = reload;
    }

    @Override
    public List<Manifest> read(String text) {
        try {
            return SERVICES_FILE.matcher(text).find() ? ofServicesFile(text) : ofKubernetes(text);
        } catch (ServicesFileException | ManifestException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static List<Manifest> ofServicesFile(String text) throws ServicesFileException {
        return ServicesFile.parse(text).services().values().stream()
                .map(service -> new Manifest(service.key(), Optional.of(service), ""))
                .sorted((one, other) -> one.key().compareTo(other.key()))
                .toList();
    }

    private List<Manifest> ofKubernetes(String text) throws ManifestException {
        return ServiceManifest.readAll(text, scope, families()).stream()
                .map(reading -> new Manifest(
                        reading.key(), reading.asks(), reading.notOurs().orElse("")))
                .toList();
    }

    /** Those of the cluster, as far as a link can tell: where nothing but IPv6 is on it, it is assumed to be the cluster's only one too. */
    private List<Family> families() {
        Set<Family> ofLink = loadBalancer.lastPass().stream()
                .flatMap(pass -> pass.actual().link().hostAddresses().stream())
                .map(Cidr::family)
                .collect(Collectors.toSet());
        return ofLink.equals(Set.of(Family.IPV6)) ? List.of(Family.IPV6) : List.of(Family.IPV4, Family.IPV6);
    }

    @Override
    public OrderView reload() {
        Reload.Result result = reload.reload();
        return new OrderView(result.isDone(), result.toString());
    }

    @Override
    public String logLevel() {
        return levels.current();
    }

    @Override
    public void logLevel(String level) {
        levels.set(level);
    }
}
