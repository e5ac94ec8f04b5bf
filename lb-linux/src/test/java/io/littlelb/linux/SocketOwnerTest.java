package io.littlelb.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SocketOwnerTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "0.0.0.0"})
    void namesTheProcessThatListensOnAPort(String address) throws IOException {
        InetAddress bound = InetAddress.getByName(address);
        InetAddress asked = bound.isAnyLocalAddress() ? InetAddress.getByName("127.0.0.1") : bound;
        try (ServerSocket server = new ServerSocket(0, 1, bound)) {
            Optional<SocketOwner> owner = SocketOwner.ofListener(asked, server.getLocalPort());

            assertThat(owner.map(SocketOwner::pid))
                    .contains(ProcessHandle.current().pid());
            assertThat(owner.orElseThrow().command()).isEqualTo("java");
        }
    }

    @Test
    void knowsNobodyWhereNobodyListens() throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = server.getLocalPort();
            assertThat(SocketOwner.ofListener(InetAddress.getByName("127.0.0.2"), port))
                    .isEmpty();
        }
        assertThat(SocketOwner.ofListener(InetAddress.getByName("127.0.0.1"), port))
                .isEmpty();
        assertThat(SocketOwner.ofUnixName("@littlelb/nobody")).isEmpty();
    }
}
