package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@ExtendWith(InNetworkNamespace.class)
final class AssemblyTest {
    private static final String LINK = "veth0";
    private static final String SERVICES =
            "services: [{name: web, address: 198.18.0.9, ports: [{port: 80, backends: ['127.0.0.1:1']}]}]";

    @TempDir
    private Path directory;

    @BeforeEach
    void makeALink(NetworkNamespace network) {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth1 up");
        network.ip("link set veth0 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
    }

    @Test
    void servesAndTakesEverythingBack(NetworkNamespace network) throws Exception {
        String before = network.ip("-4 addr show dev veth0");
        try (Assembly assembly = open("--source=file:" + services(SERVICES))) {
            assembly.start();
            await().pollInSameThread()
                    .until(() -> network.ip("-4 addr show dev veth0").contains("198.18.0.9/32"));
            assertThatThrownBy(() -> InstanceLock.take(LINK)).isInstanceOf(LinkServedException.class);
        }
        assertThat(network.ip("-4 addr show dev veth0")).isEqualTo(before);
        assertNothingIsLeft();
    }

    @Test
    void closesWhatItHasOpenedWhenTheNextPartCannotBeOpened() throws Exception {
        Path invalid = services("services: 5");
        assertThatThrownBy(() -> open("--source=file:" + invalid))
                .isInstanceOf(UsageException.class)
                .hasMessage("--source file:" + invalid + ": services: expected a list");
        assertNothingIsLeft();
        assertThatThrownBy(() -> open("--kubeconfig=" + directory.resolve("none")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--kubeconfig: ");
        assertNothingIsLeft();
    }

    @Test
    void closesTheSourceWhenTheLinkIsNone() throws Exception {
        RunOptions unchecked = new RunOptions();
        new CommandLine(unchecked).parseArgs("--source=file:" + services(SERVICES));
        assertThatThrownBy(() -> Assembly.open(unchecked, unchecked.proxy(), StopSignal.listen()))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--linkdevice: ");
        assertNothingIsLeft();
    }

    private static Assembly open(String source) throws Exception {
        RunOptions options = options(source);
        return Assembly.open(options, options.proxy(), StopSignal.listen());
    }

    @Command
    private static final class Holder {
        @Mixin
        private final RunOptions options = new RunOptions();
    }

    private static RunOptions options(String source) throws IOException, UsageException {
        Holder holder = new Holder();
        RunOptions options = holder.options;
        CommandLine line = new CommandLine(holder);
        options.serving()
                .check(line.parseArgs("--linkdevice=" + LINK, source, "--conflict-probe=off", "--drain-timeout=1s"));
        return options;
    }

    private Path services(String yaml) throws IOException {
        return Files.writeString(directory.resolve("services.yaml"), yaml);
    }

    private static void assertNothingIsLeft() throws IOException {
        InstanceLock.take(LINK).close();
        List<String> ours = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("lb-"))
                .toList();
        assertThat(ours).isEmpty();
    }
}
