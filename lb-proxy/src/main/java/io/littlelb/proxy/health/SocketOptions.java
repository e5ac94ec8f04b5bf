package io.littlelb.proxy.health;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SocketOption;
import io.littlelb.linux.SyscallException;
import java.util.List;

/**
 * What every TCP socket of the data path is set to, tcp(7). Sockets that are accepted inherit it from their listener.
 */
public final class SocketOptions {
    /** Nothing is held back to be sent with what follows. */
    private static final SocketOption AT_ONCE = new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1);

    /**
     * A peer that has been silent for a minute is asked every ten seconds, six times, whether it is still there. One that does not acknowledge what it
     * is sent is not asked that way: whoever relays looks himself how long it has been silent.
     */
    private static final List<SocketOption> LASTING = List.of(
            new SocketOption(Linux.SOL_SOCKET, Linux.SO_KEEPALIVE, 1),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPIDLE, 60),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPINTVL, 10),
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_KEEPCNT, 6));

    /** What is not acknowledged is sent again, and a closed window asked for, every half a minute at least, not every two minutes. */
    private static final SocketOption ASKED_AGAIN_SOON =
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_RTO_MAX_MS, 30_000);

    private SocketOptions() {}

    /** For every socket, before it is connected. */
    public static void applyTo(Fd socket) throws SyscallException {
        Linux.setsockopt(socket, AT_ONCE);
    }

    /** For one that lasts: these matter after a minute, and most connections are shorter. */
    public static void applyLastingTo(Fd socket) throws SyscallException {
        for (int i = 0; i < LASTING.size(); i++) {
            Linux.setsockopt(socket, LASTING.get(i));
        }
        try {
            Linux.setsockopt(socket, ASKED_AGAIN_SOON);
        } catch (SyscallException e) {
            if (e.errno()
                    != Errno.ENOPROTOOPT) { // before Linux 6.15: whoever vanishes while its window is closed is found
                // out later
                throw e;
            }
        }
    }
}
