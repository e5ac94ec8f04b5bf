package io.littlelb.netlink.link;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.AddressStatus.State;
import io.littlelb.core.model.Cidr;
import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is wished of the addresses of a link, what is seen of them, and the difference.
 *
 * <p>A wish stays here until the kernel shows what it asks for, refuses it, or another host is found to have it: {@link #work} is asked again each turn,
 * so a turn that fails loses nothing. There is one entry an IP, since the kernel may have the same at several prefix lengths.
 *
 * <p>Does no I/O and reads no clock; times are those of {@link System#nanoTime}. Two threads meet here, so every method is synchronized: the
 * reconciler wishes and reads, {@code lb-link} sees and works.
 */
final class AddressLedger {
    private final Map<InetAddress, LedgerEntry> entries = new LinkedHashMap<>();
    /** Entries of which there is something to do, or to wait for. */
    private final Set<LedgerEntry> open = new LinkedHashSet<>();
    /** Entries that another host has as well. */
    private final Set<LedgerEntry> contested = new LinkedHashSet<>();

    private LinkLook.View view = LinkLook.View.NOTHING;
    /** What was last returned, for as long as it is so. */
    private List<AddressStatus> latest = List.of();

    private boolean changed;
    /** How often one of ours was put back that something had taken off the link. */
    private long repairs;

    /** Wishes for an address; one that failed, or is contested, is tried again. Returns whether that is something new to do. */
    synchronized boolean add(Cidr cidr) {
        LedgerEntry entry = entry(cidr.address());
        boolean work = entry.wish(cidr);
        return note(entry, work);
    }

    /** Wishes for an address of ours to go. */
    synchronized boolean remove(Cidr cidr) {
        LedgerEntry entry = entry(cidr.address());
        entry.release(cidr);
        return note(entry, true);
    }

    private LedgerEntry entry(InetAddress ip) {
        return entries.computeIfAbsent(ip, LedgerEntry::new);
    }

    private boolean note(LedgerEntry entry, boolean work) {
        if (work) {
            open.add(entry);
        }
        changed = true;
        return work;
    }

    /**
     * Takes in what the kernel has now.
     *
     * @param quiet whether the link was up all the time since the look before: an address of ours that is missing then was taken away by somebody
     */
    synchronized void see(LinkLook.View now, boolean quiet, long time) {
        boolean tells = quiet && now.link().index() == view.link().index();
        if (!now.equals(view)) {
            Map<InetAddress, List<AddressStatus>> seen = new HashMap<>();
            now.addresses()
                    .forEach(each -> seen.computeIfAbsent(each.cidr().address(), ip -> new ArrayList<>(1))
                            .add(each));
            seen.keySet().forEach(this::entry);
            for (LedgerEntry entry : entries.values()) {
                repairs += entry.see(seen.getOrDefault(entry.ip(), List.of()), tells, time) ? 1 : 0;
            }
            view = now;
            changed = true;
        }
        open.forEach(entry -> changed |= entry.concludeTried(tells, time));
        entries.values().forEach(entry -> changed |= entry.forget(time));
        contested.removeIf(entry -> entry.rival().isEmpty());
        entries.values().removeIf(entry -> entry.isOver() && !open.contains(entry));
    }

    /**
     * The difference between what is wished and what is seen.
     *
     * @param canAsk whether the link can be asked for IPv4 addresses now
     */
    synchronized LinkWork work(boolean canAsk) {
        LinkWork work = LinkWork.empty();
        open.removeIf(entry -> !entry.work(canAsk, work));
        return work;
    }

    /** The kernel has added it, it says; the next look shows it. */
    synchronized void added(Cidr cidr) {
        entry(cidr.address()).tried();
    }

    /** The kernel has refused to add it. */
    synchronized void failed(Cidr cidr, String detail) {
        entry(cidr.address()).trouble(new AddressStatus(cidr, true, State.FAILED, detail));
        changed = true;
    }

    /** The kernel has refused to remove it: it is there, and can be asked to go again. */
    synchronized void kept(Cidr cidr) {
        entry(cidr.address()).keep(cidr);
    }

    /** A question was answered: by the host that has the address, or by silence. */
    synchronized void answered(InetAddress ip, Optional<MacAddress> other, long now) {
        LedgerEntry entry = entry(ip);
        entry.answered(other, now);
        noteRival(entry);
    }

    /** Another host insists on an address of ours. */
    synchronized void contested(InetAddress ip, MacAddress other, long now) {
        LedgerEntry entry = entry(ip);
        entry.lost(other, now);
        noteRival(entry);
    }

    private void noteRival(LedgerEntry entry) {
        entry.rival().ifPresentOrElse(rival -> contested.add(entry), () -> contested.remove(entry));
        open.add(entry);
        changed = true;
    }

    /**
     * Silence may have changed hands: every address of ours is to be asked for again, and is not announced until then. Questions that were under way
     * are to be asked from the beginning.
     */
    synchronized void doubt() {
        for (LedgerEntry entry : entries.values()) {
            if (entry.doubt()) {
                open.add(entry);
                changed = true;
            }
        }
    }

    /** Rivals that have been silent long enough: asked again, or, where nobody can be asked, forgotten. */
    synchronized void age(boolean canAsk, long now) {
        for (LedgerEntry entry : List.copyOf(contested)) {
            if (entry.ageRival(canAsk, now)) {
                noteRival(entry);
            }
        }
    }

    /** When a rival will have been silent long enough. */
    synchronized Optional<Long> nextAge() {
        return contested.stream()
                .flatMap(entry -> entry.rival().stream())
                .map(Rival::silentAt)
                .min((a, b) -> Long.signum(a - b));
    }

    /** Whether it is ours, on the link and wished for: what others say about it matters. */
    synchronized boolean holds(InetAddress ip) {
        LedgerEntry entry = entries.get(ip);
        return entry != null && entry.isHeld();
    }

    /** Whether another host insists on it; what it says then only shows that it still is there. */
    synchronized boolean isContested(InetAddress ip) {
        LedgerEntry entry = entries.get(ip);
        return entry != null && entry.rival().isPresent();
    }

    /** Those that are ours, wished for by this process, and in no doubt: what an earlier one left may be another host's by now. */
    synchronized Set<InetAddress> announced() {
        Set<InetAddress> announced = new HashSet<>();
        entries.values().stream().filter(LedgerEntry::isAnnounced).forEach(entry -> announced.add(entry.ip()));
        return announced;
    }

    /** How often one of ours was put back that something else on this host had taken off the link. */
    synchronized long repairs() {
        return repairs;
    }

    /** All of the link as last seen, and what was wished for and is not seen: the same list for as long as nothing has changed. */
    synchronized List<AddressStatus> addresses() {
        if (changed) {
            changed = false;
            List<AddressStatus> all = new ArrayList<>(view.addresses().size() + open.size());
            view.addresses()
                    .forEach(seen -> all.add(entry(seen.cidr().address()).status(seen)));
            entries.values().forEach(entry -> entry.unseen().ifPresent(all::add));
            if (!all.equals(latest)) {
                latest = List.copyOf(all);
            }
        }
        return latest;
    }
}
