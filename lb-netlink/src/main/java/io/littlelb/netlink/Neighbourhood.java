package io.littlelb.netlink;

import io.littlelb.core.model.Family;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said and heard about our addresses on one link: announcements, questions before an address is used, defence afterwards.
 * Silent and deaf on a link without ARP, or without the right to see its frames. Owned by {@code lb-link}.
 */
final class Neighbourhood implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Neighbourhood.class);
    private static final int FRAMES_PER_SECOND = 500;
    private static final int BURST = 50;

    private final String link;
    private final Announcer announcer;
    private final Optional<ConflictProbe> probe;
    private final Defence defence = new Defence();
    private Set<InetAddress> announced = Set.of();
    private Optional<Port> port = Optional.empty();
    private boolean warned;

    Neighbourhood(String link, ConflictProbing probing, Random random, long now) {
        this.link = link;
        Pace pace = new Pace(FRAMES_PER_SECOND, BURST, now);
        this.announcer = new Announcer(pace, random);
        this.probe = probing.timing().map(timing -> new ConflictProbe(timing, pace, random));
    }

    /** Where frames come and go: a link with the hardware address it has now. */
    private record Port(int index, MacAddress mac, PacketSocket socket) {}

    /** Whether a hardware address is one of this host. */
    @FunctionalInterface
    interface OwnMac {
        boolean test(MacAddress mac) throws IOException;
    }

    /** Has seen the link, and which addresses are to be announced on it from now on. */
    void seen(LinkAgent.View view, Set<InetAddress> addresses, long now) {
        boolean same = port.isPresent()
                && port.get().index() == view.link().index()
                && view.mac().equals(port.map(Port::mac));
        if (!same) {
            port.ifPresent(old -> old.socket().close());
            port = view.mac().flatMap(mac -> open(view.link().index(), mac));
            announcer.again(now);
        }
        announced = Set.copyOf(addresses);
        announcer.follow(announced, now);
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
    Stream<Fd> fds() {
        return port.stream().map(open -> open.socket().fd());
    }

    /** Begins to ask who has an address; false when it is not to be asked, or nobody can be. */
    boolean ask(InetAddress ip, long now) {
        boolean able = probe.isPresent() && port.isPresent() && Family.of(ip) == Family.IPV4;
        if (able) {
            probe.get().start(ip, now);
        }
        return able;
    }

    /** The address is not wanted any more. */
    void forget(InetAddress ip) {
        probe.ifPresent(asking -> asking.cancel(ip));
        defence.forget(ip);
    }

    /** Another host has an address that is on the link. */
    void lost(InetAddress ip, MacAddress other) {
        defence.lost(ip, other);
    }

    /** The host that insists on an address of ours, if one does. */
    Optional<MacAddress> rival(InetAddress ip) {
        return defence.rival(ip);
    }

    /** Takes in what has come, and returns whether some address has become, or ceased to be, contested by it. */
    boolean hear(OwnMac own, long now) throws IOException {
        boolean changed = false;
        while (port.isPresent()) {
            Optional<ArpFrame> frame = port.get().socket().receive();
            if (frame.isEmpty()) {
                break;
            }
            changed |= heard(frame.get(), own, now);
        }
        return changed;
    }

    private boolean heard(ArpFrame frame, OwnMac own, long now) throws IOException {
        InetAddress claimed = frame.isProbe() ? frame.targetIp() : frame.senderIp();
        boolean asked = probe.filter(asking -> asking.isAsking(claimed)).isPresent();
        boolean held = !frame.isProbe() && announced.contains(claimed);
        boolean ofNoConcern = !asked && !held;
        if (ofNoConcern || own.test(frame.sender())) {
            return false;
        }
        if (asked) {
            probe.get().heard(frame);
        }
        if (!held) {
            return false;
        }
        if (defence.claimed(claimed, frame.sender(), now)) {
            log.warn("Host {} claims {} as well; announcing once more that it is ours", frame.sender(), claimed);
            send(mac -> ArpFrame.announcement(mac, claimed));
            return false;
        }
        return true;
    }

    /** Says what is due, and returns the questions that have been answered. */
    List<ConflictProbe.Outcome> work(long now) {
        announcer.work(now, this::announce);
        return probe.map(asking -> asking.work(now, ip -> send(mac -> ArpFrame.probe(mac, ip))))
                .orElse(List.of());
    }

    /** When there is something to do next, by {@link System#nanoTime}. */
    Optional<Long> next(long now) {
        return Stream.concat(announcer.next(now).stream(), probe.flatMap(asking -> asking.next(now)).stream())
                .min((a, b) -> Long.signum(a - b));
    }

    private void announce(InetAddress ip) {
        if (Family.of(ip) == Family.IPV6) {
            send((mac, socket) -> NeighbourAdvertisement.write(mac, ip, socket.frame()));
        } else {
            send(mac -> ArpFrame.announcement(mac, ip));
            send(mac -> ArpFrame.gratuitousReply(mac, ip));
        }
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

    private void send(Arp frame) {
        send((mac, socket) -> frame.from(mac).writeTo(socket.frame()));
    }

    private void send(Writer writer) {
        if (port.isEmpty()) {
            return;
        }
        try {
            writer.write(port.get().mac(), port.get().socket());
            port.get().socket().send();
        } catch (SyscallException e) {
            log.debug("A frame on link {} was lost: {}", link, e.getMessage()); // more will follow
        }
    }

    @Override
    public void close() {
        port.ifPresent(open -> open.socket().close());
        port = Optional.empty();
    }
}
