package io.littlelb.netlink.arp;

import io.littlelb.core.model.Family;
import io.littlelb.linux.Fd;
import io.littlelb.linux.MacAddress;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said and heard about our addresses on one link: announcements, questions before an address is used, defence afterwards.
 * Silent and deaf on a link without ARP, or without the right to see its frames: then it has nothing to do, ever. Owned by {@code lb-link}.
 */
public final class Neighbourhood implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Neighbourhood.class);
    private static final int ANNOUNCEMENTS_PER_SECOND = 500;
    private static final int BURST = 50;
    /** Three for each address, and nobody is served before they are answered; a thousand addresses are asked for in a second and a half. */
    private static final int PROBES_PER_SECOND = 2_000;

    private static final int PROBE_BURST = 200;
    /** Whatever others send, there are turns. */
    private static final int FRAMES_PER_TURN = 1_000;

    private final String link;
    private final Announcer announcer;
    private final Optional<ConflictProbe> probe;
    private final Defence defence = new Defence();
    private final Announced announced;
    private Optional<Port> port = Optional.empty();
    private boolean warned;

    /**
     * @param clock as {@link System#nanoTime}
     * @param time what people call it
     */
    public Neighbourhood(String link, ConflictProbing probing, Random random, LongSupplier clock, InstantSource time) {
        this.link = link;
        this.announced = new Announced(time);
        long now = clock.getAsLong();
        this.announcer = new Announcer(new Pace(ANNOUNCEMENTS_PER_SECOND, BURST, now), random);
        Pace pace = new Pace(PROBES_PER_SECOND, PROBE_BURST, now); // of its own: announcements are not to hold it up
        this.probe = probing.timing().map(timing -> new ConflictProbe(timing, pace, random, clock));
    }

    /** Where frames come and go: a link with the hardware address it has now. */
    private record Port(int index, MacAddress mac, PacketSocket socket) {}

    /** What the owner knows of addresses, and is told of them. */
    public interface Owner {
        /** Whether a hardware address is one of this host. */
        boolean isOfThisHost(MacAddress mac) throws IOException;

        /** Whether an address is ours and on the link. */
        boolean holds(InetAddress ip);

        /** Whether another host is known to insist on it. */
        boolean isContested(InetAddress ip);

        /** Another host insists on an address that is ours and on the link. */
        void contested(InetAddress ip, MacAddress other, long now);
    }

    /**
     * Has seen the link; returns whether frames come and go by another way than before, so that nothing that was heard before holds.
     *
     * @param mac the hardware address with which ARP is spoken on it; empty when none is
     */
    public boolean seen(int linkIndex, Optional<MacAddress> mac, long now) {
        boolean same = port.isPresent() && port.get().index() == linkIndex && mac.equals(port.map(Port::mac));
        boolean none = port.isEmpty() && mac.isEmpty();
        if (same || none) {
            return false;
        }
        port.ifPresent(old -> old.socket().close());
        port = mac.flatMap(own -> open(linkIndex, own));
        announcer.again(now);
        return true;
    }

    /** Announces these from now on and no others, as long as it can be heard; those that are new from the beginning. */
    public void announce(Set<InetAddress> addresses, long now) {
        announcer.follow(port.isPresent() ? addresses : Set.of(), now);
    }

    private Optional<Port> open(int index, MacAddress mac) {
        try {
            return Optional.of(new Port(index, mac, PacketSocket.open(index)));
        } catch (SyscallException e) {
            if (!warned) {
                log.warn(
                        "Addresses are neither announced nor probed on link {}: {}; it needs the capability NET_RAW",
                        link,
                        e.getMessage());
            }
            warned = true;
            return Optional.empty();
        }
    }

    /** To wait for with poll(2); none while nothing can be heard. */
    public Stream<Fd> fds() {
        return port.stream().map(open -> open.socket().fd());
    }

    /** Whether the link can be asked for IPv4 addresses, and is to be. */
    public boolean canAsk() {
        return probe.isPresent() && port.isPresent();
    }

    /** Begins to ask who has an address; only where it {@link #canAsk}. */
    public void ask(InetAddress ip, long now) {
        probe.orElseThrow().start(ip, now);
    }

    /** It is not to be asked for any more. */
    public void cancel(InetAddress ip) {
        probe.ifPresent(asking -> asking.cancel(ip));
    }

    /** No silence so far means anything. */
    public void cancelAll() {
        probe.ifPresent(ConflictProbe::cancelAll);
    }

    /** The address is not ours any more. */
    public void forget(InetAddress ip) {
        cancel(ip);
        defence.forget(ip);
    }

    /** Takes in what has come, and returns whether that is all of it. */
    public boolean hear(Owner owner, long now) throws IOException {
        for (int i = 0; i < FRAMES_PER_TURN; i++) {
            Optional<ArpFrame> frame =
                    port.isEmpty() ? Optional.empty() : port.get().socket().receive();
            if (frame.isEmpty()) {
                return true;
            }
            heard(frame.get(), owner, now);
        }
        return false;
    }

    private void heard(ArpFrame frame, Owner owner, long now) throws IOException {
        InetAddress claimed = frame.isProbe() ? frame.targetIp() : frame.senderIp();
        boolean asked = probe.filter(asking -> asking.isAsking(claimed)).isPresent();
        boolean held = owner.holds(claimed);
        boolean ofNoConcern =
                frame.isProbe() ? held || !asked : !held && !asked; // the kernel answers who asks for ours
        if (ofNoConcern || owner.isOfThisHost(frame.sender())) {
            return;
        }
        if (asked) {
            probe.orElseThrow()
                    .heard(frame); // which is what was asked for: no reason to defend before the answer is in
        } else if (!owner.isContested(claimed) && defence.claimed(claimed, now)) {
            log.warn("Host {} claims {} as well; announcing once more that it is ours", frame.sender(), claimed);
            announced.defended();
            announced.sent(claimed, send(mac -> ArpFrame.announcement(mac, claimed)) ? 1 : 0);
        } else {
            owner.contested(claimed, frame.sender(), now);
        }
    }

    /** Says what is due, and returns the questions that have been answered. */
    public List<ConflictProbe.Outcome> work(long now) {
        if (port.isEmpty()) {
            return List.of();
        }
        announcer.work(now, this::announce);
        return probe.map(asking -> asking.work(now, ip -> send(mac -> ArpFrame.probe(mac, ip))))
                .orElse(List.of());
    }

    /** When there is something to do next, by {@link System#nanoTime}; never while nobody can be told or asked. */
    public Optional<Long> next(long now) {
        if (port.isEmpty()) {
            return Optional.empty();
        }
        return Stream.concat(announcer.next(now).stream(), probe.flatMap(asking -> asking.next(now)).stream())
                .min((a, b) -> Long.signum(a - b));
    }

    private void announce(InetAddress ip) {
        int sent = 0;
        if (Family.of(ip) == Family.IPV6) {
            sent += send((mac, socket) -> NeighbourAdvertisement.write(mac, ip, socket.frame())) ? 1 : 0;
        } else {
            sent += send(mac -> ArpFrame.announcement(mac, ip)) ? 1 : 0;
            sent += send(mac -> ArpFrame.gratuitousReply(mac, ip)) ? 1 : 0;
        }
        announced.sent(ip, sent);
    }

    /** What the link has been told; from any thread. */
    public Announced announced() {
        return announced;
    }

    /** A frame of the hardware address that the link has now. */
    @FunctionalInterface
    private interface Arp {
        ArpFrame from(MacAddress mac);
    }

    @FunctionalInterface
    private interface Writer {
        void write(MacAddress mac, PacketSocket socket);
    }

    private boolean send(Arp frame) {
        return send((mac, socket) -> frame.from(mac).writeTo(socket.frame()));
    }

    /** Whether it was sent. */
    private boolean send(Writer writer) {
        if (port.isEmpty()) {
            return false;
        }
        try {
            writer.write(port.get().mac(), port.get().socket());
            port.get().socket().send();
            return true;
        } catch (SyscallException e) {
            log.debug("A frame on link {} was lost: {}", link, e.getMessage()); // more will follow
            return false;
        }
    }

    @Override
    public void close() {
        port.ifPresent(open -> open.socket().close());
        port = Optional.empty();
    }
}
