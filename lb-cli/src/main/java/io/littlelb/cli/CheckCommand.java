package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.file.ServicesFile;
import io.littlelb.file.ServicesFileException;
import io.littlelb.k8s.ClusterScope;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lb check}: what {@code lb run} with the same flags would stumble over, a line each. */
@Command(
        name = "check",
        description = {
            "Looks for what would keep \"lb run\" with the same flags from serving, and says what to do about it.",
            "Changes nothing. Ends with 1 when \"lb run\" would fail."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        options.logging();
        ServingOptions serving = options.serving();
        options.check(spec.commandLine().getParseResult());
        List<Finding> findings = new ArrayList<>(HostCheck.ofThisHost().findings(serving.link()));
        findings.add(descriptors());
        Optional<Long> instance = instance(serving.link(), findings);
        Optional<Link> link = serving.presentLink();
        pools(link).ifPresent(findings::add);
        List<ServiceSpec> services =
                serving.file().isPresent() ? file(serving.file().get(), findings) : cluster(findings);
        if (link.isPresent()) {
            findings.addAll(new PortCheck(link.get(), serving.pools().pools(), instance).findings(services));
        }
        findings.forEach(System.out::println);
        return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAIL) ? 1 : 0;
    }

    private static Finding descriptors() {
        return ProxyOptions.tooFewDescriptors()
                .map(tooFew -> Finding.fail(tooFew, ProxyOptions.MORE_DESCRIPTORS))
                .orElseGet(() -> Finding.ok("a limit of " + ProxyOptions.descriptors() + " descriptors"));
    }

    /** That an instance runs is no fault: whoever looks into one that does not what it should asks beside it. */
    private static Optional<Long> instance(String link, List<Finding> findings) throws IOException {
        Optional<LinkServedException> running = InstanceLock.instance(link);
        findings.add(running.map(it -> Finding.ok(it.whoServes() + ", and would have to be stopped before another can"))
                .orElseGet(() -> Finding.ok("nobody serves link " + link + " yet")));
        return running.flatMap(LinkServedException::pid);
    }

    private Optional<Finding> pools(Optional<Link> link) {
        try {
            if (link.isPresent()) {
                options.checkPools(link.get());
            }
            return Optional.empty();
        } catch (UsageException outside) {
            return Optional.of(Finding.fail(outside.getMessage(), ""));
        }
    }

    private static List<ServiceSpec> file(Path file, List<Finding> findings) {
        try {
            Collection<ServiceSpec> services =
                    ServicesFile.read(file).services().values();
            findings.add(Finding.ok(services.size() + " Services in " + file));
            return List.copyOf(services);
        } catch (NoSuchFileException absent) {
            findings.add(Finding.warn("--source file:" + file + ": there is no such file yet", "run waits for it"));
        } catch (ServicesFileException e) {
            findings.add(Finding.fail("--source file:" + e.getMessage(), ""));
        }
        return List.of();
    }

    private List<ServiceSpec> cluster(List<Finding> findings) throws UsageException {
        ClusterOptions cluster = options.serving().cluster();
        ClusterScope scope = cluster.scope();
        try (KubernetesClient client = cluster.connect()) {
            ClusterCheck check = new ClusterCheck(
                    client,
                    scope,
                    cluster.mayPublishExternalIps(),
                    options.serving().pools().pools());
            findings.addAll(check.findings());
            return check.services();
        } catch (UsageException unreadable) {
            findings.add(Finding.fail(unreadable.getMessage(), ""));
            return List.of();
        }
    }
}
