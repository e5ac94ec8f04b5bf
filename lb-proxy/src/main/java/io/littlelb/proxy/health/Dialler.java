package io.littlelb.proxy.health;

import io.littlelb.core.model.Backend;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Scanner;

/**
 * Begins connections to backends, and tells whose failure it is when that fails: the backend's, or that of the way to it; that of this host, which has
 * no port left for this one destination; or this process's, which then has nothing left for any. Owned by one event loop.
 */
public final class Dialler {
    /** Where an address stands for the time of one call. */
    private final SockAddr address = SockAddr.empty();

    private final SockAddr own = SockAddr.empty();
    private final int firstLocalPort = firstLocalPort();

    /** What has come of an attempt. */
    public enum Outcome {
        /** It is under way, or even established: the socket's next event tells. */
        UNDER_WAY,
        /** The backend, the way to it or its family is at fault: others may be reached. */
        UNREACHABLE,
        /** All local ports are in use towards this backend; each other one has all of them, ip(7) {@code ip_local_port_range}. */
        NO_PORT,
        /** This process or host has no descriptor or memory left: it has none for other backends either. */
        SHORTAGE
    }

    /**
     * An attempt.
     *
     * @param socket of one that is under way
     * @param errno why it is not; 0 otherwise
     */
    public record Attempt(Outcome outcome, Optional<Fd> socket, int errno) {
        private static Attempt failed(Outcome outcome, int errno) {
            return new Attempt(outcome, Optional.empty(), errno);
        }
    }

    /** Asks the kernel for a connection, socket(2) and connect(2), which does not wait for it. */
    public Attempt dial(Backend backend) {
        address.set(backend.ip(), backend.port());
        try {
            Fd socket = Linux.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
            int errno = -connect(socket);
            if (errno == 0 || errno == Errno.EINPROGRESS) {
                return new Attempt(Outcome.UNDER_WAY, Optional.of(socket), 0);
            }
            socket.close();
            return Attempt.failed(outcome(errno), errno);
        } catch (SyscallException e) {
            return Attempt.failed(isShortage(e.errno()) ? Outcome.SHORTAGE : Outcome.UNREACHABLE, e.errno());
        }
    }

    /**
     * Whether a socket that is connected has met itself: where nobody listens on a port of this host, but the kernel has chosen just that one to come from, the
     * two SYNs cross (RFC 9293 section 3.5, simultaneous open). Whoever speaks to it hears himself.
     */
    public boolean hasMetItself(Fd socket, Backend backend) {
        if (backend.port() < firstLocalPort) {
            return false; // the kernel never chose that port for us, and a call is spared
        }
        try {
            Linux.getsockname(socket, own);
        } catch (SyscallException e) {
            return false; // it is no socket to speak to either, as will be seen
        }
        return own.isSameEndpoint(address.set(backend.ip(), backend.port()));
    }

    private int connect(Fd socket) {
        try {
            SocketOptions.applyTo(socket);
            return Linux.connect(socket, address);
        } catch (SyscallException e) {
            return -e.errno();
        }
    }

    private Outcome outcome(int errno) {
        if (isShortage(errno)) {
            return Outcome.SHORTAGE;
        }
        return errno == Errno.EADDRNOTAVAIL && hasSource() ? Outcome.NO_PORT : Outcome.UNREACHABLE;
    }

    /** Whether it concerns whatever this process asks for. */
    public static boolean isShortage(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOBUFS || errno == Errno.ENOMEM;
    }

    /**
     * Whether this host has an address to come from. {@code EADDRNOTAVAIL} says the same of a host without one of the backend's family as of one
     * without a port; a datagram socket needs the first and none of TCP's ports, and its connect(2) sends nothing.
     */
    private boolean hasSource() {
        try (Fd probe = Linux.socket(address.family(), Linux.SOCK_DGRAM | Linux.SOCK_NONBLOCK, 0)) {
            return Linux.connect(probe, address) != -Errno.EADDRNOTAVAIL;
        } catch (SyscallException shortage) {
            return true;
        }
    }

    /** The least port that the kernel chooses by itself, ip(7) {@code ip_local_port_range}. */
    private static int firstLocalPort() {
        try (Scanner range =
                new Scanner(Path.of("/proc/sys/net/ipv4/ip_local_port_range"), StandardCharsets.US_ASCII)) {
            return range.nextInt();
        } catch (IOException | NoSuchElementException unknown) {
            return 1;
        }
    }
}
