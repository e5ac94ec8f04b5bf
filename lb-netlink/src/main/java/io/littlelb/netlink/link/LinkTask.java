package io.littlelb.netlink.link;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.worker.Task;
import io.littlelb.linux.Fd;
import io.littlelb.linux.MacAddress;
import io.littlelb.netlink.arp.Neighbourhood;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code lb-link} does in a turn: takes in what the kernel and the neighbours say, looks if there is a reason to, carries out the difference between
 * what is wished and what is seen, shows what came of it.
 */
final class LinkTask implements Task, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LinkTask.class);
    private static final Duration RESYNC = Duration.ofSeconds(10);
    /** Later than this for a turn and the process was stopped, or the machine: a busy one is late by less. */
    private static final Duration THAW = Duration.ofSeconds(2);
    /** What has to wait for something else to be done first waits for no more than that. */
    private static final int ROUNDS = 3;

    private final AddressLedger ledger;
    private final LinkLook look;
    private final LinkChanges changes;
    private final HostFirst hostFirst;
    private final LinkMonitor monitor;
    private final Neighbourhood neighbours;
    private final long resync;
    private final LongSupplier clock;
    private final Consumer<LinkLook.View> shown;

    private long lookAgainAt;
    private long expectedAt;
    /** Whether the link may have been without a connection, or we without time, since the last look. */
    private boolean disturbed;
    /** Whether there was a look that what is there has not been tended after. */
    private boolean looked;
    /** Whether there is something new to show. */
    private boolean toShow;
    /** Those of ours that stand before the host's although they were put behind them: it is not tried for ever. */
    private List<AddressMessage> unmoved = List.of();

    LinkTask(Parts parts, LinkConfig config, LongSupplier clock, Consumer<LinkLook.View> shown) {
        this.ledger = parts.ledger();
        this.look = parts.look();
        this.changes = parts.changes();
        this.hostFirst = parts.hostFirst();
        this.monitor = parts.monitor();
        this.neighbours = parts.neighbours();
        this.resync = resync(config).toNanos();
        this.clock = clock;
        this.shown = shown;
        this.expectedAt = clock.getAsLong();
        look(expectedAt);
    }

    /** What it works with; the last two are its own from then on. */
    record Parts(
            AddressLedger ledger,
            LinkLook look,
            LinkChanges changes,
            HostFirst hostFirst,
            LinkMonitor monitor,
            Neighbourhood neighbours) {
        static Parts of(
                AddressLedger ledger,
                LinkLook look,
                OurAddresses form,
                AddressRequests requests,
                LinkMonitor monitor,
                Neighbourhood neighbours) {
            LinkChanges changes = new LinkChanges(look, form, requests);
            return new Parts(ledger, look, changes, new HostFirst(look, form, requests), monitor, neighbours);
        }
    }

    /** A lifetime is renewed when a third of it is over, so that is how often to look. */
    private static Duration resync(LinkConfig config) {
        return config.addressLifetime()
                .map(lifetime -> lifetime.dividedBy(3))
                .filter(third -> third.compareTo(RESYNC) < 0)
                .orElse(RESYNC);
    }

    /** What to wait for. */
    Stream<Fd> fds() {
        return Stream.concat(Stream.of(monitor.fd()), neighbours.fds());
    }

    @Override
    public long turn(long now) {
        if (now - expectedAt > THAW.toNanos()) {
            doubt("Nothing was looked at for too long");
            disturbed = true;
        }
        boolean all = hear(now);
        if (takeNews() || now - lookAgainAt >= 0) {
            look(now);
        }
        if (all) {
            judge(now);
        }
        carryOut(now);
        if (looked) {
            keep(now);
        }
        show(now);
        return rest(now, all);
    }

    private void doubt(String why) {
        log.debug("{}: asking again who has the addresses on {}", why, look.name());
        neighbours.cancelAll();
        ledger.doubt();
        toShow = true;
    }

    /** Returns whether that was all; if not, no silence means anything yet. */
    private boolean hear(long now) {
        try {
            return neighbours.hear(new OwnerOfAddresses(), now);
        } catch (IOException e) {
            log.debug("Cannot hear who else speaks on the link: {}", e.getMessage());
            return true;
        }
    }

    /** What the neighbours have to know. */
    private final class OwnerOfAddresses implements Neighbourhood.Owner {
        @Override
        public boolean isOfThisHost(MacAddress mac) throws IOException {
            return look.isOfThisHost(mac);
        }

        @Override
        public boolean holds(InetAddress ip) {
            return ledger.holds(ip);
        }

        @Override
        public boolean isContested(InetAddress ip) {
            return ledger.isContested(ip);
        }

        @Override
        public void contested(InetAddress ip, MacAddress other, long now) {
            ledger.contested(ip, other, now);
            toShow = true;
        }
    }

    /** Takes in what the kernel reports; returns whether to look. */
    private boolean takeNews() {
        LinkMonitor.News news;
        try {
            news = monitor.drain();
        } catch (IOException e) {
            log.warn("Cannot hear what changes on the link: {}; looking again all the same", e.getMessage());
            news = LinkMonitor.News.ANYTHING;
        }
        if (news.routes()) {
            look.routesChanged();
        }
        if (news.linkWasDown()) {
            doubt("The link was down, or may have been");
            disturbed = true;
        }
        return news.lookAgain();
    }

    private void look(long now) {
        lookAgainAt = now + resync;
        LinkLook.View view = look.look();
        ledger.see(view, !disturbed, now);
        disturbed = false;
        looked = true;
        if (neighbours.seen(view.link().index(), view.mac(), now)) {
            doubt("The link is another one, or speaks with another hardware address");
        }
        toShow = true;
    }

    /** What was added is to stay, and behind the host's. */
    private void keep(long now) {
        warn(changes.renew());
        List<AddressMessage> before = hostFirst.misplaced();
        for (int i = 0; i < ROUNDS && !before.isEmpty() && !before.equals(unmoved); i++) {
            warn(hostFirst.putBehind(before));
            takeNews();
            look(now);
            unmoved = before;
            before = hostFirst.misplaced(); // others, where the host's own has only now become the first of its subnet
        }
        if (before.isEmpty()) {
            unmoved = before;
        }
        looked = false;
    }

    private void judge(long now) {
        neighbours.work(now).forEach(outcome -> {
            ledger.answered(outcome.ip(), outcome.other(), now);
            toShow = true;
        });
        ledger.age(neighbours.canAsk(), now);
    }

    /** The notifications of what was done here are there before its answers are: the look that follows has it all. */
    private void carryOut(long now) {
        for (int i = 0; i < ROUNDS; i++) {
            LinkWork work = ledger.work(neighbours.canAsk());
            work.cancel().forEach(neighbours::cancel);
            work.ask().forEach(ip -> neighbours.ask(ip, now));
            toShow |= !work.ask().isEmpty();
            if (!work.changesTheLink()) {
                return;
            }
            add(work.add());
            remove(work.remove());
            takeNews();
            look(now);
        }
    }

    private void add(List<Cidr> cidrs) {
        Map<Cidr, IOException> failures = changes.add(cidrs);
        warn(failures.values());
        for (Cidr cidr : cidrs) {
            IOException failure = failures.get(cidr);
            if (failure == null) {
                ledger.added(cidr);
            } else {
                ledger.failed(cidr, failure.getMessage());
            }
        }
    }

    private void remove(List<Cidr> cidrs) {
        cidrs.forEach(cidr -> neighbours.forget(cidr.address()));
        try {
            Map<Cidr, IOException> failures = changes.remove(cidrs);
            warn(failures.values());
            failures.keySet().forEach(ledger::kept);
        } catch (IOException e) {
            warn(List.of(e));
            cidrs.forEach(ledger::kept);
        }
    }

    private static void warn(Collection<IOException> failures) {
        failures.forEach(failure -> log.warn("Could not {}", failure.getMessage()));
    }

    private void show(long now) {
        if (toShow) {
            toShow = false;
            neighbours.announce(ledger.announced(), now);
            shown.accept(look.view());
        }
    }

    /** In how many nanoseconds there is something to do. */
    private long rest(long now, boolean all) {
        long next = Stream.concat(neighbours.next(now).stream(), ledger.nextAge().stream())
                .filter(each -> each - lookAgainAt < 0)
                .min((a, b) -> Long.signum(a - b))
                .orElse(lookAgainAt);
        long wait = all ? Math.max(0, next - now) : 0;
        long end = clock.getAsLong();
        boolean stopped = end - now > THAW.toNanos(); // in the middle of the turn
        expectedAt = stopped ? now : now + wait;
        return wait;
    }

    @Override
    public void close() {
        neighbours.close();
        monitor.close();
    }
}
