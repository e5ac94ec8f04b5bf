package io.littlelb.testkit.memory;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.port.AddressManager;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A link in memory. An address that is asked for stays pending until {@link #settle}. */
public final class InMemoryAddressManager implements AddressManager {
    private static final Set<AddressStatus.State> TO_BE_TRIED_AGAIN =
            Set.of(AddressStatus.State.FAILED, AddressStatus.State.REMOVED, AddressStatus.State.ADOPTED);

    private final Map<Cidr, AddressStatus> addresses = new TreeMap<>();
    /** What was last returned, for as long as it is so. */
    private List<AddressStatus> latest = List.of();

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
    public void add(Cidr address) throws IOException {
        synchronized (this) {
            gate.pass("add " + address);
            AddressStatus there = addresses.get(address);
            boolean needed = there == null || (there.owned() && TO_BE_TRIED_AGAIN.contains(there.state()));
            if (!needed) {
                return;
            }
            addresses.put(address, AddressStatus.of(address, true, AddressStatus.State.PENDING));
        }
        changed();
    }

    @Override
    public void remove(Cidr address) throws IOException {
        synchronized (this) {
            gate.pass("remove " + address);
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

    /** The kernel answers: every pending address is there now. */
    public void settle() {
        synchronized (this) {
            addresses.replaceAll((cidr, status) -> status.state() == AddressStatus.State.PENDING
                    ? AddressStatus.of(cidr, true, AddressStatus.State.PRESENT)
                    : status);
        }
        changed();
    }

    /** Whether the kernel owes an answer. */
    public synchronized boolean isPending() {
        return addresses.values().stream().anyMatch(status -> status.state() == AddressStatus.State.PENDING);
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
        put(AddressStatus.of(address, false, AddressStatus.State.PRESENT));
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
            addresses.remove(address);
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
            told = listener;
        }
        told.run(); // outside the lock: the listener may call back
    }
}
