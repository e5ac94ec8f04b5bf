package io.littlelb.proxy;

import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SocketOption;
import io.littlelb.linux.SyscallException;
import java.util.List;

/**
 * What every TCP socket of the data path is set to, tcp(7). Sockets that are accepted inherit it from their listener.
 */
final class SocketOptions {
    /** Nothing is held back to be sent with what follows. */
    private static final SocketOption AT_ONCE = new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1);

    /**
     * A peer that has been silent for a minute is asked every ten seconds, six times, whether it is still there; one that does not
     * take what it is sent is given up after the same time.
     */
    private static final List<SocketOption> LASTING = List.of(
            new SocketOption(Linux.SOL_SOCKET, Linux.SO_KEEPALIVE, 1),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPIDLE, 60),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPINTVL, 10),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPCNT, 6),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_USER_TIMEOUT, 120_000));

    private SocketOptions() {}

    /** For every socket, before it is connected. */
    static void applyTo(Fd socket) throws SyscallException {
        Linux.setsockopt(socket, AT_ONCE);
    }

    /** For one that lasts: these matter after a minute, and most connections are shorter. */
    static void applyLastingTo(Fd socket) throws SyscallException {
        for (int i = 0; i < LASTING.size(); i++) {
            Linux.setsockopt(socket, LASTING.get(i));
        }
    }
}
