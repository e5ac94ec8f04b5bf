package io.littlelb.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.Pointer;
import org.junit.jupiter.api.Test;

final class LinuxTest {
    private static final Pointer BUFFER = Memory.allocate(4096);

    @Test
    void tellsNothingYetFromTheEnd() throws Exception {
        try (Linux.Pipe pipe = Linux.pipe()) {
            assertThat(Linux.read(pipe.readEnd(), BUFFER, 10)).isEqualTo(-Errno.EAGAIN);
            pipe.writeEnd().close();
            assertThat(Linux.read(pipe.readEnd(), BUFFER, 10)).isZero();
        }
    }

    /** With the sixth argument garbled, these flags would give EINVAL, or block this test for ever. */
    @Test
    void passesAllSixArgumentsOfSplice() throws Exception {
        try (Linux.Pipe from = Linux.pipe();
                Linux.Pipe to = Linux.pipe()) {
            int flags = Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK;
            assertThat(Linux.splice(from.readEnd(), to.writeEnd(), 100, flags)).isEqualTo(-Errno.EAGAIN);
            write(from.writeEnd(), "hello");
            assertThat(Linux.splice(from.readEnd(), to.writeEnd(), 3, flags)).isEqualTo(3);
            assertThat(Linux.splice(from.readEnd(), to.writeEnd(), 100, flags)).isEqualTo(2);
            assertThat(read(to.readEnd())).isEqualTo("hello");
            from.writeEnd().close();
            assertThat(Linux.splice(from.readEnd(), to.writeEnd(), 100, flags)).isZero();
            assertThat(Linux.splice(from.readEnd(), to.writeEnd(), 100, 0x7fff0000))
                    .isEqualTo(-Errno.EINVAL);
        }
    }

    @Test
    void namesTheCallTheSubjectAndTheErrno() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (Fd first = Linux.socket(SockAddr.AF_INET, Linux.SOCK_STREAM, 0);
                Fd second = Linux.socket(SockAddr.AF_INET, Linux.SOCK_STREAM, 0)) {
            Linux.bind(first, SockAddr.of(loopback, 0));
            Linux.listen(first, 1);
            int port = Linux.getsockname(first).inet().getPort();
            assertThatThrownBy(() -> Linux.bind(second, SockAddr.of(loopback, port)))
                    .isInstanceOfSatisfying(SyscallException.class, e -> {
                        assertThat(e.syscall()).isEqualTo("bind");
                        assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE);
                    })
                    .hasMessage("bind 127.0.0.1:" + port + ": EADDRINUSE (Address already in use)");
        }
    }

    @Test
    void acceptsAConnectionAndTellsWhoItIs() throws Exception {
        InetAddress loopback = InetAddress.getByName("::1");
        SockAddr peer = SockAddr.empty();
        try (Fd listener = Linux.socket(SockAddr.AF_INET6, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
                Fd client = Linux.socket(SockAddr.AF_INET6, Linux.SOCK_STREAM, 0)) {
            Linux.bind(listener, SockAddr.of(loopback, 0));
            Linux.listen(listener, 1);
            assertThat(Linux.accept(listener, peer)).isEqualTo(-Errno.EAGAIN);
            assertThat(Linux.connect(client, Linux.getsockname(listener))).isZero();
            assertThat(Linux.pollIn(5_000, client, listener)).isEqualTo(0b10);
            try (Fd accepted = new Fd(Linux.accept(listener, peer))) {
                assertThat(peer.inet()).isEqualTo(Linux.getsockname(client).inet());
                Linux.resetOnClose(accepted);
            }
            assertThat(Linux.read(client, BUFFER, 10)).isEqualTo(-Errno.ECONNRESET);
        }
    }

    @Test
    void keepsSocketOptions() throws Exception {
        try (Fd socket = Linux.socket(SockAddr.AF_INET, Linux.SOCK_STREAM, 0)) {
            assertThat(Linux.getsockopt(socket, Linux.IPPROTO_TCP, Linux.TCP_NODELAY))
                    .isZero();
            Linux.setsockopt(socket, Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1);
            assertThat(Linux.getsockopt(socket, Linux.IPPROTO_TCP, Linux.TCP_NODELAY))
                    .isOne();
        }
    }

    @Test
    void closesADescriptorOnce() throws Exception {
        Fd fd = Linux.eventfd();
        Path entry = Path.of("/proc/self/fd/" + fd.number());
        assertThat(Files.isSymbolicLink(entry)).isTrue();
        fd.close();
        assertThat(Files.isSymbolicLink(entry)).isFalse();
        fd.close();
        assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void knowsItsOwnThread() {
        assertThat(Path.of("/proc/self/task/" + Namespaces.gettid())).isDirectory();
    }

    private static void write(Fd fd, String text) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(text.length());
        bytes.put(text.getBytes(StandardCharsets.US_ASCII));
        assertThat(Linux.write(fd, Memory.of(bytes), text.length())).isEqualTo(text.length());
    }

    private static String read(Fd fd) {
        int count = (int) Linux.read(fd, BUFFER, 4096);
        byte[] bytes = new byte[count];
        BUFFER.get(0, bytes, 0, count);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
