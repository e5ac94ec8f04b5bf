package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.Context;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.littlelb.core.model.Shown;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is looked for in a kubeconfig before the client library reads it: that takes a default for what is missing, and then asks a server that nobody
 * named, or asks as nobody.
 *
 * @param user who one is in its current context
 */
record Kubeconfig(Path file, Optional<AuthInfo> user) {
    private static final Logger log = LoggerFactory.getLogger(Kubeconfig.class);

    /** @throws IOException naming the file, and what is not in it */
    static Kubeconfig read(Path file) throws IOException {
        Config config;
        try {
            config = Serialization.unmarshal(Files.readString(file), Config.class);
        } catch (RuntimeException malformed) {
            throw isNone(file, malformed);
        }
        if (config == null || Given.list(config.getClusters()).isEmpty()) {
            throw isNone(file, new IllegalArgumentException("no clusters"));
        }
        Context context = context(file, config);
        boolean known = config.getClusters().stream()
                .anyMatch(cluster -> Objects.equals(cluster.getName(), context.getCluster()));
        if (!known) {
            throw new IOException(file + ": the cluster " + Shown.quoted(Given.text(context.getCluster()))
                    + " of its current-context is not among its clusters");
        }
        Optional<AuthInfo> user = Given.list(config.getUsers()).stream()
                .filter(named -> Objects.equals(named.getName(), context.getUser()))
                .map(NamedAuthInfo::getUser)
                .filter(Objects::nonNull)
                .findFirst();
        Kubeconfig read = new Kubeconfig(file, user);
        read.requirePlugin();
        return read;
    }

    private static Context context(Path file, Config config) throws IOException {
        String current = Given.text(config.getCurrentContext());
        return Given.list(config.getContexts()).stream()
                .filter(named -> current.equals(named.getName()))
                .map(NamedContext::getContext)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new IOException(file
                        + (current.isEmpty()
                                ? " has no current-context"
                                : ": its current-context " + Shown.quoted(current) + " is not among its contexts")
                        + "; choose one with: kubectl config use-context NAME --kubeconfig " + file));
    }

    private void requirePlugin() throws IOException {
        Optional<String> missing = user.flatMap(auth -> Optional.ofNullable(auth.getExec()))
                .map(exec -> Given.text(exec.getCommand()))
                .filter(command -> !isInstalled(file, command));
        if (missing.isPresent()) {
            throw new IOException(
                    file + ": its credentials come from the program " + Shown.quoted(missing.get())
                            + " (exec), which is not found; install it, or write its whole path: PATH is another one under sudo and systemd");
        }
    }

    private static boolean isInstalled(Path kubeconfig, String command) {
        if (command.contains("/")) {
            return Files.isExecutable(kubeconfig.toAbsolutePath().resolveSibling(command));
        }
        return List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator)).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
    }

    /** Of a file that has something else in it. Its own words may hold all of that, with its secrets. */
    static IOException isNone(Path file, RuntimeException malformed) {
        log.debug(
                "{} cannot be read as a kubeconfig: {}",
                file,
                malformed.getClass().getName());
        return new IOException(
                file + " is no kubeconfig: that is a YAML file with clusters, users, contexts and current-context");
    }

    /** The {@code tokenFile} of the current user, which the client library does not look at; it is read for every request, for it may be replaced. */
    Optional<Path> tokenFile() {
        return user.stream()
                .flatMap(auth -> Stream.ofNullable(auth.getTokenFile()))
                .map(file::resolveSibling)
                .findFirst();
    }
}
