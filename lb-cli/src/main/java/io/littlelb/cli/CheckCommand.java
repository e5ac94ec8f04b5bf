package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.littlelb.core.model.Link;
import io.littlelb.k8s.AccessCheck;
import io.littlelb.k8s.ApiFailure;
import io.littlelb.k8s.ClusterScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private ServingOptions serving;

    @Override
    public Integer call() throws Exception {
        LogFormat.install(false);
        serving.check(spec.commandLine().getParseResult());
        List<Finding> findings = new ArrayList<>(HostCheck.ofThisHost().findings(serving.link()));
        findings.add(instance());
        pools().ifPresent(findings::add);
        findings.addAll(serving.file().isPresent() ? List.of(file()) : cluster());
        findings.forEach(System.out::println);
        return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAIL) ? 1 : 0;
    }

    private Finding instance() {
        try (InstanceLock lock = InstanceLock.take(serving.link())) {
            return Finding.ok("nobody else holds " + lock);
        } catch (IOException taken) {
            return Finding.fail(taken.getMessage(), "");
        }
    }

    private Optional<Finding> pools() throws IOException {
        Optional<Link> link = serving.presentLink();
        try {
            if (link.isPresent()) {
                serving.pools().check(link.get());
            }
            return Optional.empty();
        } catch (UsageException outside) {
            return Optional.of(Finding.fail(outside.getMessage(), ""));
        }
    }

    private Finding file() {
        Path file = serving.file().orElseThrow();
        try {
            int services = ServicesFile.parse(Files.readString(file)).services().size();
            return Finding.ok(services + " Services in " + file);
        } catch (NoSuchFileException absent) {
            return Finding.warn("--source file:" + file + ": there is no such file yet", "run waits for it");
        } catch (IOException | UsageException e) {
            return Finding.fail("--source file:" + file + ": " + e.getMessage(), "");
        }
    }

    private List<Finding> cluster() throws IOException, UsageException {
        ClusterOptions options = serving.cluster();
        ClusterScope scope = options.scope();
        List<Finding> findings = new ArrayList<>();
        try (KubernetesClient client = options.connect()) {
            String where = "the cluster at " + client.getMasterUrl();
            try {
                for (AccessCheck.Right right : AccessCheck.needed(scope, options.mayPublishExternalIps())) {
                    findings.add(right(right, AccessCheck.isAllowed(client, right)));
                }
                findings.add(0, Finding.ok(where + " answers, in " + scope.mode() + " mode"));
            } catch (KubernetesClientException e) {
                ApiFailure failure = ApiFailure.of(e);
                findings.add(Finding.fail(where + ": " + failure.what(), failure.remedy()));
            }
        } catch (UsageException unreadable) {
            findings.add(Finding.fail(unreadable.getMessage(), ""));
        }
        return findings;
    }

    private static Finding right(AccessCheck.Right right, boolean allowed) {
        if (allowed) {
            return Finding.ok("may " + right);
        }
        String what = "may not " + right + ": " + right.use().without();
        return switch (right.use()) {
            case WATCH -> Finding.fail(what, "grant it, see deploy/rbac.yaml");
            case STATUS, EVENTS -> Finding.warn(what, "grant it, see deploy/rbac.yaml");
            case EXTERNAL_IPS ->
                Finding.warn(what, "grant it, see deploy/rbac-external-ips.yaml, or run with --publish status");
        };
    }
}
