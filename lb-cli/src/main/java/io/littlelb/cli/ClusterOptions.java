package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.cli.flag.SpelledConstant;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.k8s.ClusterAccess;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.NodeSelector;
import io.littlelb.netlink.link.Links;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The flags of {@code lb run} that are about a cluster, and what they come to. */
final class ClusterOptions {
    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            defaultValue = "",
            description = "How to reach the cluster. Default: the pod's own account, else ~/.kube/config.")
    private String kubeconfig;

    @Option(
            names = "--mode",
            paramLabel = "auto|node-port|endpoints",
            defaultValue = "auto",
            converter = Mode.Reader.class,
            description = "Where traffic goes: to a port of the nodes, or to the pods themselves."
                    + " Default: ${DEFAULT-VALUE}, which in a pod is endpoints and elsewhere node-port.")
    private Mode mode;

    @Option(
            names = "--node-selector",
            paramLabel = "SELECTOR",
            defaultValue = "node-role.kubernetes.io/worker",
            description =
                    "In node-port mode: which nodes take traffic, by label; \"\" means all. Default: ${DEFAULT-VALUE}.")
    private String nodeSelector;

    @Option(
            names = "--node-address-type",
            paramLabel = "InternalIP|ExternalIP",
            defaultValue = "InternalIP",
            converter = AddressTypeText.class,
            description = "Which address of a node is dialled. Default: ${DEFAULT-VALUE}.")
    private ClusterScope.NodeAddressType nodeAddressType;

    @Option(
            names = "--publish",
            paramLabel = "auto|status|external-ips|both",
            defaultValue = "auto",
            converter = PublishTo.Reader.class,
            description =
                    "Where a Service's address is told. Default: ${DEFAULT-VALUE}, which in node-port mode is both"
                            + " unless this host is a node, and in endpoints mode status.")
    private PublishTo publish;

    @Option(
            names = "--namespace",
            paramLabel = "NAMESPACE",
            split = "\n", // what a file lists
            hideParamSyntax = true,
            description = "Serve only Services of this namespace; can be repeated. Default: all.")
    private List<String> namespaces = List.of();

    @Option(
            names = "--load-balancer-class",
            paramLabel = "CLASS",
            defaultValue = "",
            description = "Serve the Services with this loadBalancerClass. Default: those without one.")
    private String loadBalancerClass;

    @Option(
            names = "--node-name",
            paramLabel = "NODE",
            defaultValue = "",
            description = "In endpoints mode: the node that this runs on, so that Services which prefer near endpoints"
                    + " (trafficDistribution) get those. Default: it is not known, and all are alike.")
    private String nodeName;

    /** The values of {@code --node-address-type}, in Kubernetes' own spelling. */
    static final class AddressTypeText extends SpelledConstant<ClusterScope.NodeAddressType> {
        AddressTypeText() {
            super(ClusterScope.NodeAddressType.values());
        }

        @Override
        protected String spelled(ClusterScope.NodeAddressType constant) {
            return constant.name();
        }
    }

    /** The values of {@code --mode}. */
    enum Mode {
        AUTO,
        NODE_PORT,
        ENDPOINTS;

        static final class Reader extends SpelledConstant<Mode> {
            Reader() {
                super(Mode.values());
            }
        }
    }

    /** The values of {@code --publish}. */
    enum PublishTo {
        AUTO,
        STATUS,
        EXTERNAL_IPS,
        BOTH;

        static final class Reader extends SpelledConstant<PublishTo> {
            Reader() {
                super(PublishTo.values());
            }
        }
    }

    /** Refuses what would be without effect: a flag about a cluster where Services come from elsewhere. */
    static void refuseBeside(String source, ParseResult given) throws UsageException {
        List<String> ofACluster = given.commandSpec().options().stream()
                .filter(option -> given.hasMatchedOption(option) || isFromFile(option, given))
                .filter(option ->
                        option.userObject() instanceof Field field && field.getDeclaringClass() == ClusterOptions.class)
                .map(OptionSpec::longestName)
                .toList();
        if (!ofACluster.isEmpty()) {
            throw new UsageException(
                    String.join(", ", ofACluster) + ": of no use beside --source " + source + ", which is no cluster");
        }
    }

    private static boolean isFromFile(OptionSpec option, ParseResult given) {
        return given.commandSpec().commandLine().getDefaultValueProvider() instanceof GivenValues values
                && values.isFromFile(option);
    }

    ClusterScope scope() throws UsageException {
        for (String namespace : namespaces) {
            KubernetesNames.checkNamespace("--namespace", namespace);
        }
        if (!loadBalancerClass.isEmpty()) {
            KubernetesNames.checkClass("--load-balancer-class", loadBalancerClass);
        }
        try {
            return new ClusterScope(
                    isInside() ? ClusterScope.Mode.ENDPOINTS : ClusterScope.Mode.NODE_PORT,
                    NodeSelector.parse(nodeSelector),
                    nodeAddressType,
                    Set.copyOf(namespaces),
                    optional(loadBalancerClass),
                    optional(nodeName));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--node-selector: " + e.getMessage(), e);
        }
    }

    private static Optional<String> optional(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private boolean isInside() {
        return mode == Mode.ENDPOINTS || (mode == Mode.AUTO && ClusterAccess.isInCluster());
    }

    PublishPolicy publish() throws IOException {
        return switch (publish) {
            case STATUS -> PublishPolicy.always(Publish.STATUS);
            case EXTERNAL_IPS -> PublishPolicy.always(Publish.EXTERNAL_IPS);
            case BOTH -> PublishPolicy.always(Publish.BOTH);
            case AUTO ->
                isInside()
                        ? PublishPolicy.always(Publish.STATUS)
                        : PublishPolicy.besideTheCluster(Links.list().stream()
                                .map(Link::hostAddresses)
                                .flatMap(List::stream)
                                .map(Cidr::address)
                                .collect(Collectors.toSet()));
        };
    }

    /** Whether it depends on the cluster, or is asked for, that external IPs are written. */
    boolean mayPublishExternalIps() {
        return switch (publish) {
            case STATUS -> false;
            case EXTERNAL_IPS, BOTH -> true;
            case AUTO -> !isInside();
        };
    }

    KubernetesClient connect() throws UsageException {
        try {
            return ClusterAccess.open(
                    kubeconfig.isEmpty() ? Optional.empty() : Optional.of(PathText.parse("--kubeconfig", kubeconfig)));
        } catch (IOException e) {
            throw new UsageException("--kubeconfig: " + e.getMessage(), e);
        }
    }
}
