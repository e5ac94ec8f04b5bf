package io.littlelb.netlink.link;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.AddressStatus.State;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All that is known and wished of one IP. Belongs to an {@link AddressLedger}, under its lock. */
final class LedgerEntry {
    private final InetAddress ip;
    private List<AddressStatus> seen = List.of();

    /** What was asked for by this process and not given back: an address of ours that was not is an earlier one's. */
    private Optional<Cidr> wanted = Optional.empty();
    /** Whether the wish is still to be carried out. */
    private boolean due;
    /** Whether the kernel said that it was, and the next look is to show it. */
    private boolean tried;

    private final Set<Cidr> unwanted = new LinkedHashSet<>(2);
    private Optional<AddressStatus> trouble = Optional.empty();
    private Optional<Rival> rival = Optional.empty();
    /** It is on the link, and has to be asked for again. */
    private boolean doubtful;

    private boolean asking;
    /** It was asked for, and nobody has it. */
    private boolean free;

    private final Removals removals = new Removals();
    /** Something else took it off the link, and it has not been back since. */
    private boolean takenOff;

    LedgerEntry(InetAddress ip) {
        this.ip = ip;
    }

    InetAddress ip() {
        return ip;
    }

    Optional<Rival> rival() {
        return rival;
    }

    /** Returns whether there is something to do for it. */
    boolean wish(Cidr cidr) {
        boolean isNew = !wanted.equals(Optional.of(cidr));
        wanted = Optional.of(cidr);
        trouble = trouble.filter(status -> !isNew);
        unwanted.remove(cidr);
        Optional<AddressStatus> own = own(cidr);
        if (own.isEmpty()) {
            due |= seen.stream().allMatch(AddressStatus::owned);
            return due;
        }
        due |= own.get().state() == State.CONFLICT;
        doubtful |= isNew || rival.isPresent(); // what an earlier process left may be another host's by now
        return due || doubtful;
    }

    void release(Cidr cidr) {
        if (wanted.equals(Optional.of(cidr))) {
            wanted = Optional.empty();
            due = false;
            tried = false;
            doubtful = false;
            free = false;
            rival = Optional.empty();
            removals.forget();
            takenOff = false;
        }
        trouble = trouble.filter(status -> !status.cidr().equals(cidr));
        unwanted.add(cidr);
    }

    /**
     * Takes in what is on the link of it now; returns whether it has been put back by that.
     *
     * @param tells whether an address of ours that is missing now was taken away by somebody
     */
    boolean see(List<AddressStatus> now, boolean tells, long time) {
        boolean hadIt = isHeld();
        seen = now;
        boolean hasIt = isHeld();
        if (hadIt && !hasIt) {
            doubtful = false;
            rival = Optional.empty();
            if (tells) {
                removed(time);
            }
        }
        if (hasIt && due && wanted.flatMap(this::own).orElseThrow().state() != State.CONFLICT) {
            due = false;
        }
        if (!seen.isEmpty() && (hasIt || !isOnLinkAsOurs())) {
            trouble = Optional.empty();
        }
        boolean isBack = hasIt && takenOff;
        takenOff &= !isBack;
        return isBack;
    }

    /** The kernel has carried it out, and there was a look since; returns whether that changes what is shown. */
    boolean concludeTried(boolean tells, long time) {
        if (!tried) {
            return false;
        }
        tried = false;
        due = false;
        free = false;
        if (seen.isEmpty() && tells) {
            removed(time); // between the two
        }
        return true;
    }

    private void removed(long time) {
        takenOff = true;
        removals.note(time);
        if (removals.isToBeTold()) {
            trouble = wanted.map(cidr -> new AddressStatus(cidr, true, State.REMOVED, removals.text()));
        }
    }

    /** Returns whether there is less to tell: nobody has removed it for long enough. */
    boolean forget(long time) {
        return removals.forget(time);
    }

    /** Whether nothing is known or wished of it any more. */
    boolean isOver() {
        return seen.isEmpty() && wanted.isEmpty() && unwanted.isEmpty() && trouble.isEmpty();
    }

    /** Adds what is to be done for it, and returns whether it is to be looked at again. */
    boolean work(boolean canAsk, LinkWork work) {
        boolean askable = canAsk && Family.of(ip) == Family.IPV4;
        asking &= askable; // who could be asked has been; that question is lost
        if (asking && !(due || doubtful)) {
            asking = false;
            work.cancel().add(ip);
        }
        if (due) {
            carryOut(askable, work);
        }
        if (doubtful) {
            doubtful = askable && isHeld();
            if (doubtful) {
                ask(work);
            }
        }
        takeAway(work);
        return due || doubtful || !unwanted.isEmpty();
    }

    private void carryOut(boolean askable, LinkWork work) {
        boolean foreign = seen.stream().anyMatch(status -> !status.owned());
        boolean toBeAsked = askable && seen.isEmpty() && !free;
        if (foreign) {
            due = false; // it is used as it is
        } else if (toBeAsked) {
            ask(work);
        } else {
            work.add().add(wanted.orElseThrow());
        }
    }

    private void ask(LinkWork work) {
        if (!asking) {
            asking = true;
            work.ask().add(ip);
        }
    }

    /** At another prefix length it goes once it is there at the one that is wanted: there is no moment without it. */
    private void takeAway(LinkWork work) {
        unwanted.removeIf(cidr -> own(cidr).isEmpty());
        boolean misses = wanted.isPresent() && wanted.flatMap(this::own).isEmpty();
        if (!misses) {
            work.remove().addAll(unwanted);
        }
    }

    void tried() {
        tried = true;
    }

    void keep(Cidr cidr) {
        unwanted.remove(cidr);
    }

    void trouble(AddressStatus status) {
        due = false;
        free = false;
        trouble = wanted.filter(status.cidr()::equals).map(cidr -> status);
    }

    void answered(Optional<MacAddress> other, long now) {
        asking = false;
        if (wanted.isEmpty()) {
            return;
        }
        if (other.isEmpty()) {
            free = due;
            doubtful = false;
            rival = Optional.empty();
        } else if (isHeld()) {
            lost(other.get(), now);
        } else {
            trouble(new AddressStatus(wanted.get(), true, State.CONFLICT, new Rival(other.get(), now).text()));
        }
    }

    void lost(MacAddress other, long now) {
        rival = Optional.of(new Rival(other, now));
        doubtful = false;
    }

    /** No silence so far means anything; returns whether it is to be asked for again. */
    boolean doubt() {
        boolean again = isHeld() && Family.of(ip) == Family.IPV4;
        doubtful |= again;
        asking = false;
        free = false;
        return again;
    }

    /** Returns whether it is time to look whether the rival is still there. */
    boolean ageRival(boolean canAsk, long now) {
        boolean silent =
                !doubtful && rival.filter(other -> now - other.silentAt() >= 0).isPresent();
        if (silent) {
            doubtful = canAsk;
            rival = rival.filter(other -> canAsk).map(other -> new Rival(other.mac(), now)); // or until the answer
        }
        return silent;
    }

    /** Whether it is on the link at the length that was asked for, and ours. */
    boolean isHeld() {
        return wanted.flatMap(this::own).isPresent();
    }

    boolean isAnnounced() {
        return !doubtful
                && rival.isEmpty()
                && wanted.flatMap(this::own)
                        .filter(status -> status.state() == State.PRESENT)
                        .isPresent();
    }

    private boolean isOnLinkAsOurs() {
        return seen.stream().anyMatch(AddressStatus::owned);
    }

    private Optional<AddressStatus> own(Cidr cidr) {
        return seen.stream()
                .filter(status -> status.owned() && status.cidr().equals(cidr))
                .findFirst();
    }

    /** What to show of it as it stands on the link. */
    AddressStatus status(AddressStatus there) {
        if (!there.owned()) {
            return there;
        }
        if (rival.isPresent()) {
            String detail = rival.get().text();
            return new AddressStatus(there.cidr(), true, State.CONFLICT, detail);
        }
        if (there.state() != State.PRESENT) {
            return there;
        }
        boolean adopted = !wanted.equals(Optional.of(there.cidr()));
        String detail = !adopted && removals.isToBeTold() ? removals.text() : "";
        return new AddressStatus(there.cidr(), true, adopted ? State.ADOPTED : State.PRESENT, detail);
    }

    /** What to show of it where it is not on the link; in trouble it stays so until that is known to be over. */
    Optional<AddressStatus> unseen() {
        boolean there =
                wanted.isPresent() && seen.stream().map(AddressStatus::cidr).anyMatch(wanted.get()::equals);
        return there
                ? Optional.empty()
                : trouble.or(() -> wanted.filter(cidr -> due).map(cidr -> AddressStatus.of(cidr, true, State.PENDING)));
    }
}
