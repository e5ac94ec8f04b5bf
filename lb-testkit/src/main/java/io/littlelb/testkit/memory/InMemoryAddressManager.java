package io.littlelb.testkit.memory;

import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.AddressStatus.State;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.LinkCounters;
import io.littlelb.core.port.AddressManager;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A link in memory. An address that is asked for stays pending until {@link #settle}. */
public final class InMemoryAddressManager implements AddressManager {
    private static final Set<State> TO_BE_TRIED_AGAIN =
            Set.of(State.FAILED, State.REMOVED, State.ADOPTED, State.CONFLICT);

    private final Map<Cidr, AddressStatus> addresses = new TreeMap<>();
    /** What was last returned, for as long as it is so. */
    private List<AddressStatus> latest = List.of();

    /** What the kernel answers when it refuses an address. */
    private final Map<Cidr, String> refusals = new HashMap<>();

    /** The MAC of the other host that uses an address. */
    private final Map<InetAddress, String> rivals = new HashMap<>();

    /** Addresses of ours that somebody else has taken off. */
    private final Set<Cidr> takenOff = new HashSet<>();

    private final Map<InetAddress, AddressHistory> histories = new HashMap<>();
    private final Map<InetAddress, State> states = new HashMap<>();
    private long conflicts;
    private long repairs;
    private boolean closed;
    private Link link;
    private Gate gate = Gate.OPEN;
    private Runnable listener = () -> {};

    /** A link whose host addresses are on it, and nobody else's. */
    public InMemoryAddressManager(Link link) {
        this.link = link;
        link.hostAddresses().forEach(this::foreign);
    }

    @Override
    public synchronized Link link() {
        return link;
    }

    @Override
    public synchronized List<AddressStatus> addresses() {
        boolean visible = link.state() == Link.State.UP || link.state() == Link.State.DOWN;
        List<AddressStatus> now = visible ? List.copyOf(addresses.values()) : List.of();
        if (!now.equals(latest)) {
            latest = now;
        }
        return latest;
    }

    @Override
    public synchronized LinkCounters counters() {
        return new LinkCounters(0, conflicts, repairs);
    }

    @Override
    public synchronized Map<InetAddress, AddressHistory> histories() {
        return Map.copyOf(histories);
    }

    private void remember() {
        Map<InetAddress, State> now = new HashMap<>();
        addresses.values().stream()
                .filter(AddressStatus::owned)
                .forEach(status -> now.merge(
                        status.cidr().address(), status.state(), (one, other) -> one == State.PRESENT ? one : other));
        now.forEach((ip, state) -> {
            if (states.get(ip) != state) {
                conflicts += state == State.CONFLICT ? 1 : 0;
                histories.put(ip, new AddressHistory(Instant.now(), Optional.empty()));
            }
        });
        histories.keySet().retainAll(now.keySet());
        states.clear();
        states.putAll(now);
    }

    @Override
    public void add(Cidr address) throws IOException {
        synchronized (this) {
            checkOpen("add " + address);
            gate.pass("add " + address);
            AddressStatus there = addresses.get(address);
            boolean needed = there == null || (there.owned() && TO_BE_TRIED_AGAIN.contains(there.state()));
            if (!needed) {
                return;
            }
            addresses.put(address, AddressStatus.of(address, true, State.PENDING));
        }
        changed();
    }

    @Override
    public void remove(Cidr address) throws IOException {
        synchronized (this) {
            checkOpen("remove " + address);
            gate.pass("remove " + address);
            takenOff.remove(address);
            AddressStatus there = addresses.get(address);
            if (there == null || !there.owned()) {
                return;
            }
            addresses.remove(address);
        }
        changed();
    }

    @Override
    public synchronized void onChange(Runnable newListener) {
        listener = newListener;
    }

    private void checkOpen(String operation) {
        if (closed) {
            throw new IllegalStateException(operation + ": closed");
        }
    }

    /** The kernel and the network answer: every pending address is there now, unless it is refused or another host's. */
    public void settle() {
        synchronized (this) {
            addresses.replaceAll((cidr, status) -> status.state() == State.PENDING ? answer(cidr) : status);
        }
        changed();
    }

    private AddressStatus answer(Cidr cidr) {
        if (rivals.containsKey(cidr.address())) {
            return new AddressStatus(cidr, true, State.CONFLICT, rivals.get(cidr.address()));
        }
        return refusals.containsKey(cidr)
                ? new AddressStatus(cidr, true, State.FAILED, refusals.get(cidr))
                : present(cidr);
    }

    private AddressStatus present(Cidr cidr) {
        repairs += takenOff.remove(cidr) ? 1 : 0;
        return AddressStatus.of(cidr, true, State.PRESENT);
    }

    /** The kernel refuses an address from now on, until it is {@link #allow allowed}. */
    public synchronized void refuse(Cidr address, String detail) {
        refusals.put(address, detail);
    }

    /** The kernel refuses an address no more; what it has refused stays refused until it is asked for again. */
    public synchronized void allow(Cidr address) {
        refusals.remove(address);
    }

    /** Another host uses an address from now on, and answers whoever asks the link for it. */
    public synchronized void rival(InetAddress address, String mac) {
        rivals.put(address, mac);
    }

    /** No other host uses an address any more. */
    public synchronized void noRival(InetAddress address) {
        rivals.remove(address);
    }

    /** Whether the kernel owes an answer. */
    public synchronized boolean isPending() {
        return addresses.values().stream().anyMatch(status -> status.state() == State.PENDING);
    }

    /** The link is another one from now on; its addresses stay. */
    public void link(Link newLink) {
        synchronized (this) {
            link = newLink;
        }
        changed();
    }

    /** Somebody else puts an address on the link. */
    public void foreign(Cidr address) {
        put(AddressStatus.of(address, false, State.PRESENT));
    }

    /** An address stands as given, for instance as an earlier run left it, or as the kernel refused it. */
    public void put(AddressStatus status) {
        synchronized (this) {
            addresses.put(status.cidr(), status);
        }
        changed();
    }

    /** Somebody else takes an address off the link, whoever it belonged to. */
    public void removeByHand(Cidr address) {
        synchronized (this) {
            AddressStatus there = addresses.remove(address);
            if (there != null && there.owned()) {
                takenOff.add(address);
            }
        }
        changed();
    }

    /** What decides from now on whether an operation goes through. */
    public synchronized void gate(Gate newGate) {
        gate = newGate;
    }

    private void changed() {
        Runnable told;
        synchronized (this) {
            remember();
            told = listener;
        }
        told.run(); // outside the lock: the listener may call back
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
