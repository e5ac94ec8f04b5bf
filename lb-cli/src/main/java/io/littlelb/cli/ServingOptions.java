package io.littlelb.cli;

import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Shown;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.netlink.link.Links;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The flags that say what is served, and on which link: those of {@code lb run} that {@code lb check} looks into. */
final class ServingOptions {
    private static final String KUBERNETES = "kubernetes";
    private static final String FILE = "file:";

    @Option(
            names = {"--linkdevice", "--link-device"},
            paramLabel = "DEV|SUBNET|auto",
            defaultValue = "",
            description =
                    "The network link that addresses are put on, such as eth0; or the one that has an address in a"
                            + " subnet such as 198.18.0.0/24; or auto, the one of the default route. Required.")
    private String linkFlag;

    private String link = "";

    @Option(
            names = "--source",
            paramLabel = "kubernetes|file:PATH",
            defaultValue = KUBERNETES,
            description = "Where Services come from: a cluster, or a YAML file that is followed as it changes."
                    + " Default: ${DEFAULT-VALUE}.")
    private String source;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private PoolOptions pools;

    @Mixin
    private BoundaryOptions boundaries;

    /** Has the link that these have, if it was chosen for the same words: a default route may be gone for now, and what is served stays where it is. */
    void keepLinkOf(ServingOptions inForce) {
        if (inForce.linkFlag.equals(linkFlag)) {
            link = inForce.link;
        }
    }

    /**
     * Refuses flags that can never be right.
     *
     * @param given what was written on the command line
     */
    void check(ParseResult given) throws UsageException, IOException {
        if (link.isEmpty()) {
            link = LinkChoice.of(linkFlag, Links.list());
        }
        boolean known = source.equals(KUBERNETES) || (source.startsWith(FILE) && source.length() > FILE.length());
        if (!known) {
            throw new UsageException("--source " + Shown.quoted(source) + ": either kubernetes or file:PATH");
        }
        if (!source.equals(KUBERNETES)) {
            ClusterOptions.refuseBeside(source, given);
        }
        boundaries();
    }

    /** What no Service gets. */
    Boundaries boundaries() throws UsageException, IOException {
        boolean ofSlices = file().isEmpty() && cluster().scope().mode() == ClusterScope.Mode.ENDPOINTS;
        return boundaries.boundaries(!pools.pools().isEmpty()).withForeignBackends(ofSlices);
    }

    /** The name of the link, once the flags were checked. */
    String link() {
        return link;
    }

    /** The link as it is now, if it is there. */
    Optional<Link> presentLink() throws IOException {
        List<Link> links = Links.list();
        return links.stream().filter(found -> found.name().equals(link)).findFirst();
    }

    /** The file that Services come from; empty when they come from a cluster. */
    Optional<Path> file() throws UsageException {
        return source.equals(KUBERNETES)
                ? Optional.empty()
                : Optional.of(PathText.parse("--source", source.substring(FILE.length())));
    }

    ClusterOptions cluster() {
        return cluster;
    }

    PoolOptions pools() {
        return pools;
    }
}
