package io.littlelb.proxy;

import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SocketOption;
import io.littlelb.linux.SyscallException;
import java.util.List;

/**
 * What every TCP socket of the data path is set to, tcp(7): nothing is held back to be sent with what follows, and a peer that has
 * been silent for a minute is asked every ten seconds, six times, whether it is still there. Sockets that are accepted inherit it.
 */
final class SocketOptions {
    private static final List<SocketOption> ALL = List.of(
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1),
            new SocketOption(Linux.SOL_SOCKET, Linux.SO_KEEPALIVE, 1),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPIDLE, 60),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPINTVL, 10),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPCNT, 6));

    private SocketOptions() {}

    static void applyTo(Fd socket) throws SyscallException {
        for (int i = 0; i < ALL.size(); i++) {
            Linux.setsockopt(socket, ALL.get(i));
        }
    }
}
