package io.littlelb.proxy.frontend;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Shown;
import io.littlelb.linux.Errno;
import io.littlelb.linux.ListeningSocket;
import io.littlelb.linux.SocketOwner;
import io.littlelb.linux.SyscallException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Ports on which a program of the host was found to listen when a frontend was to be opened. A program that goes away is mostly one that is being
 * started again, and could not be if its port was taken meanwhile: the port is left to it until nobody has listened there for a minute. Looking is
 * by reading, not by trying: a bind of ours would be in the way of its own.
 *
 * <p>For one thread at a time, whose network it is about.
 */
public final class BusyPorts {
    /** Longer than services take to be started again; for those that take longer there are reserved ports. */
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final Supplier<List<ListeningSocket>> sockets;
    private final LongSupplier clock;
    private final Map<Place, Busy> known = new HashMap<>();

    public BusyPorts(Supplier<List<ListeningSocket>> sockets, LongSupplier clock) {
        this.sockets = sockets;
        this.clock = clock;
    }

    /** Of this host, now. */
    public static BusyPorts ofThisHost() {
        return new BusyPorts(ListeningSocket::all, System::nanoTime);
    }

    private record Place(String address, int port) {}

    /**
     * Who has been seen.
     *
     * @param who its process; empty when that could not be told
     * @param at when, by the clock
     */
    private record Busy(ListeningSocket socket, String who, long at) {}

    /**
     * Throws while a program of the host was seen where the frontend is to listen less than a minute ago. Where nobody ever was, as nearly everywhere,
     * nobody is looked for.
     */
    public void check(Frontend frontend) throws SyscallException {
        if (found(frontend).isEmpty()) {
            return;
        }
        List<ListeningSocket> now = look(frontend);
        long time = clock.getAsLong();
        known.values().removeIf(busy -> time - busy.at() >= QUIET.toNanos());
        if (now.isEmpty() && !found(frontend).isEmpty()) {
            throw startingAgain(frontend);
        }
        boolean isSure = now.stream().anyMatch(socket -> socket.surelyHas(frontend.ip(), frontend.port()));
        if (isSure) {
            throw named(frontend, inUse(frontend));
        }
    }

    /**
     * A bind succeeded. Throws when that was only because the program that was seen there went away at that moment: the port is to be let go again. One of
     * IPv6 alone, which leaves the port of IPv4 to others, is still there.
     */
    public void bound(Frontend frontend) throws SyscallException {
        if (found(frontend).isEmpty()) {
            return;
        }
        // what was bound just now is one of them, or else alone on its address
        int ours = frontend.ip().isAnyLocalAddress() ? 1 : 0;
        long onAll = sockets.get().stream()
                .filter(socket -> socket.isOnAll() && socket.has(frontend.ip(), frontend.port()))
                .count();
        if (onAll <= ours) {
            throw startingAgain(frontend);
        }
    }

    private SyscallException startingAgain(Frontend frontend) {
        return new SyscallException(
                inUse(frontend),
                "nobody listens there now, but " + who(frontend, "a program of this host")
                        + " did and may be starting again; the port is taken once it has been free for "
                        + QUIET.toSeconds() + "s");
    }

    /** A bind was refused: remembers who listens there, and names it. */
    public SyscallException refused(Frontend frontend, SyscallException refusal) {
        look(frontend);
        return named(frontend, refusal);
    }

    private SyscallException named(Frontend frontend, SyscallException refusal) {
        String who = who(frontend, "");
        return who.isEmpty() ? refusal : new SyscallException(refusal, who + " has it");
    }

    private static SyscallException inUse(Frontend frontend) {
        return new SyscallException("bind", frontend.toString(), Errno.EADDRINUSE);
    }

    private List<ListeningSocket> look(Frontend frontend) {
        List<ListeningSocket> now = sockets.get().stream()
                .filter(socket -> socket.has(frontend.ip(), frontend.port()))
                .toList();
        now.forEach(socket -> known.put(
                new Place(socket.address(), socket.port()), new Busy(socket, owner(socket), clock.getAsLong())));
        return now;
    }

    private static String owner(ListeningSocket socket) {
        return SocketOwner.of(socket)
                .map(owner -> "process " + owner.pid() + " (" + Shown.quoted(owner.command()) + ")")
                .orElse("");
    }

    private List<Busy> found(Frontend frontend) {
        return known.values().stream()
                .filter(busy -> busy.socket().has(frontend.ip(), frontend.port()))
                .toList();
    }

    private String who(Frontend frontend, String unknown) {
        String who = found(frontend).stream()
                .map(Busy::who)
                .filter(each -> !each.isEmpty())
                .distinct()
                .sorted()
                .collect(joining(", "));
        return who.isEmpty() ? unknown : who;
    }
}
