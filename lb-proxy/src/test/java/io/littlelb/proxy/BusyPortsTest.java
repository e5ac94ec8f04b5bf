package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.Closer;
import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.ListeningSocket;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.BusyPorts;
import io.littlelb.testkit.net.InNetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program of the host that is started again finds its port as it left it. */
@ExtendWith(InNetworkNamespace.class)
class BusyPortsTest {
    private static final int PORT = 2_222;
    private static final FrontendConfig CONFIG = new FrontendConfig(
            new ServiceKey("default", "web"),
            new Backends.Listed(List.of(new Backend(InetAddresses.forString("127.0.0.1"), 8_080))));

    private long now;
    private SpliceForwarder forwarder;

    @BeforeEach
    void open() throws IOException {
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT, true, new BusyPorts(ListeningSocket::all, () -> now));
    }

    @AfterEach
    void close() {
        forwarder.close();
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.9", "::, ::1", "::, 127.0.0.9", "127.0.0.9, 127.0.0.9", "::1, ::1"})
    void aProgramThatIsStartedAgainHasItsPortAgainEveryTime(String listens, String ip) throws Exception {
        Frontend frontend = frontend(ip);
        for (int i = 0; i < 50; i++) {
            try (ServerSocket program = program(listens)) {
                assertThat(program.isBound()).isTrue();
                assertThatThrownBy(() -> forwarder.set(frontend, CONFIG))
                        .hasMessageContaining("EADDRINUSE")
                        .hasMessageContaining(
                                "process " + ProcessHandle.current().pid() + " (\"java\") has it");
            }
            long stopped = now;
            for (int seconds : List.of(0, 1, 30, 59)) {
                now = stopped + TimeUnit.SECONDS.toNanos(seconds);
                assertThatThrownBy(() -> forwarder.set(frontend, CONFIG))
                        .hasMessageContaining("(\"java\") did and may be starting again")
                        .hasMessageContaining("once it has been free for 60s");
            }
        }
    }

    /** What listens on all addresses of IPv6 may leave those of IPv4 to others: that is found out by trying. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.9", "0.0.0.0"})
    void aProgramThatStopsBetweenOurLookAndOurBindHasItsPortAgain(String ip) throws Exception {
        Closer stopping = Closer.create();
        forwarder.close();
        BusyPorts ports = new BusyPorts(
                () -> {
                    List<ListeningSocket> seen = ListeningSocket.all();
                    assertThatCode(stopping::close).doesNotThrowAnyException();
                    return seen;
                },
                () -> now);
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT, true, ports);
        Frontend frontend = frontend(ip);
        try (ServerSocket program = program("::")) {
            assertThatThrownBy(() -> forwarder.set(frontend, CONFIG)).hasMessageContaining("has it");
            stopping.register(program);

            assertThatThrownBy(() -> forwarder.set(frontend, CONFIG)).hasMessageContaining("starting again");
        }
        assertThatCode(() -> program("::").close()).doesNotThrowAnyException();
    }

    @Test
    void whatNobodyHasWantedForAMinuteIsTaken() throws Exception {
        Frontend frontend = frontend("127.0.0.9");
        try (ServerSocket program = program("0.0.0.0")) {
            assertThat(program.isBound()).isTrue();
            assertThatThrownBy(() -> forwarder.set(frontend, CONFIG)).isInstanceOf(SyscallException.class);
            now += TimeUnit.HOURS.toNanos(1);
            assertThatThrownBy(() -> forwarder.set(frontend, CONFIG)).hasMessageContaining("has it");
        }
        now += TimeUnit.SECONDS.toNanos(59);
        assertThatThrownBy(() -> forwarder.set(frontend, CONFIG)).hasMessageContaining("starting again");
        now += TimeUnit.SECONDS.toNanos(1);

        forwarder.set(frontend, CONFIG);

        assertThatThrownBy(() -> program("127.0.0.9")).as("it is ours").isInstanceOf(IOException.class);
    }

    /** A tenant must not come to it by writing his Service anew. */
    @Test
    void isKeptFromEveryFrontendThatWouldBeInTheWay() throws Exception {
        try (ServerSocket program = program("0.0.0.0")) {
            assertThat(program.isBound()).isTrue();
            assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.9"), CONFIG))
                    .isInstanceOf(SyscallException.class);
        }
        forwarder.remove(frontend("127.0.0.9"), Duration.ZERO);

        assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.9"), CONFIG)).hasMessageContaining("starting again");
        assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.10"), CONFIG)).hasMessageContaining("starting again");
    }

    @Test
    void aProgramOnOneAddressKeepsNoOther() throws Exception {
        try (ServerSocket program = program("127.0.0.9")) {
            assertThat(program.isBound()).isTrue();
            assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.9"), CONFIG))
                    .isInstanceOf(SyscallException.class);

            assertThatCode(() -> forwarder.set(frontend("127.0.0.10"), CONFIG)).doesNotThrowAnyException();
        }
    }

    /** What listens for IPv6 alone shows as one that may have both. */
    @Test
    void aProgramOfIpv6AloneIsNotInTheWayOfIpv4ForEver() throws Exception {
        try (ServerSocket four = program("0.0.0.0")) {
            assertThat(four.isBound()).isTrue();
            assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.9"), CONFIG))
                    .isInstanceOf(SyscallException.class);
        }
        try (Fd six =
                Linux.socket(SockAddr.of(InetAddresses.forString("::"), PORT).family(), Linux.SOCK_STREAM, 0)) {
            Linux.setsockopt(six, Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, 1);
            Linux.bind(six, SockAddr.of(InetAddresses.forString("::"), PORT));
            Linux.listen(six, 1);
            now += TimeUnit.MINUTES.toNanos(1);

            assertThatCode(() -> forwarder.set(frontend("127.0.0.9"), CONFIG)).doesNotThrowAnyException();
        }
    }

    private static Frontend frontend(String ip) {
        return new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP);
    }

    /** As most daemons bind: connections of an earlier run may be left in TIME_WAIT. */
    private static ServerSocket program(String ip) throws IOException {
        ServerSocket server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddresses.forString(ip), PORT));
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }
}
