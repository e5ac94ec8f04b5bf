package io.littlelb.netlink;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;

import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.port.AddressManager;
import io.littlelb.linux.EventFd;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses on a link of the real kernel.
 *
 * <p>The kernel is the database: an address is ours because the kernel says that it carries our mark, so a new process adopts
 * what an old one left, and nothing else is ever touched. What is asked for is kept here only until the kernel shows it.
 *
 * <p>Owns the thread {@code lb-link}, which alone talks to the kernel: it carries out requests in their order, hears of every
 * change by anybody within milliseconds, and looks again every ten seconds, or oftener to renew what has a lifetime, even if it heard of none. It asks the link before an
 * IPv4 address is used, and announces every address that is.
 */
public final class RtnetlinkAddressManager implements AddressManager {
    private static final Logger log = LoggerFactory.getLogger(RtnetlinkAddressManager.class);
    private static final Duration RESYNC = Duration.ofSeconds(10);
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** {@code IFNAMSIZ} of {@code linux/if.h}, less the zero byte. */
    private static final int LONGEST_NAME = 15;

    private final LinkAgent agent;
    private final LinkMonitor monitor;
    private final Neighbourhood neighbours;
    private final EventFd wakeup;
    private final Duration resync;
    private final Thread thread = new Thread(this::run, "lb-link");

    // Of lb-link alone.
    private final Map<InetAddress, Cidr> probing = new HashMap<>();
    private long lookAgainAt = System.nanoTime();

    /** Guards everything below: the reconciler asks and reads, {@code lb-link} works and shows. */
    private final Object lock = new Object();

    private final Queue<Request> queue = new ArrayDeque<>();
    /** Asked for since this process began; an address of ours that is not was left by an earlier one. */
    private final Set<Cidr> asked = new HashSet<>();
    /** Asked for and not seen yet: pending, in conflict, or failed with what the kernel said. */
    private final Map<Cidr, AddressStatus> unseen = new LinkedHashMap<>();

    private LinkAgent.View view;
    private Map<Cidr, AddressStatus> shown = Map.of();
    /** What was last returned, for as long as it is so. */
    private List<AddressStatus> latest = List.of();

    private Runnable listener = () -> {};
    private boolean closed;

    private RtnetlinkAddressManager(
            LinkAgent agent, LinkMonitor monitor, Neighbourhood neighbours, EventFd wakeup, Duration resync) {
        this.resync = resync;
        this.agent = agent;
        this.monitor = monitor;
        this.neighbours = neighbours;
        this.wakeup = wakeup;
        this.view = agent.look();
        show(view, List.of());
    }

    private record Request(Cidr cidr, boolean add) {}

    /**
     * Follows a link of the calling thread's network namespace. The link need not be there yet.
     *
     * @throws IllegalArgumentException when no link can have this name
     * @throws IOException when the kernel gives no netlink socket
     */
    public static RtnetlinkAddressManager open(String link) throws IOException {
        return open(link, LinkConfig.DEFAULT);
    }

    /** The same, told how to put addresses on it. */
    public static RtnetlinkAddressManager open(String link, LinkConfig config) throws IOException {
        return open(link, OwnershipMark.forThisKernel(link), config);
    }

    static RtnetlinkAddressManager open(String link, OwnershipMark mark, LinkConfig config) throws IOException {
        if (link.isEmpty() || link.length() > LONGEST_NAME || link.contains("/")) {
            throw new IllegalArgumentException(
                    "\"" + link + "\" is no name of a link: 1 to " + LONGEST_NAME + " characters without a slash");
        }
        LinkMonitor monitor = LinkMonitor.open(); // first: what changes after the first look is then heard
        LinkAgent agent = LinkAgent.open(link, mark, config.addressLifetime());
        Neighbourhood neighbours = new Neighbourhood(link, config.probing(), new Random(), System.nanoTime());
        RtnetlinkAddressManager manager =
                new RtnetlinkAddressManager(agent, monitor, neighbours, new EventFd(), resync(config));
        manager.thread.setDaemon(true);
        manager.thread.start();
        return manager;
    }

    /** A lifetime is renewed when a third of it is over, so that is how often to look. */
    private static Duration resync(LinkConfig config) {
        return config.addressLifetime()
                .map(lifetime -> lifetime.dividedBy(3))
                .filter(third -> third.compareTo(RESYNC) < 0)
                .orElse(RESYNC);
    }

    @Override
    public Link link() {
        synchronized (lock) {
            return view.link();
        }
    }

    @Override
    public List<AddressStatus> addresses() {
        synchronized (lock) {
            List<AddressStatus> all = new ArrayList<>(shown.values());
            all.addAll(unseen.values());
            if (!all.equals(latest)) {
                latest = List.copyOf(all);
            }
            return latest;
        }
    }

    @Override
    public void add(Cidr address) {
        synchronized (lock) {
            asked.add(address);
            AddressStatus seen = shown.get(address);
            AddressStatus before = unseen.get(address);
            boolean waiting = before != null && before.state() == AddressStatus.State.PENDING;
            if (waiting || (seen != null && !wantsMore(seen))) {
                return;
            }
            boolean inTrouble = before != null; // and it stays so until it is known to be over
            if (seen == null && !inTrouble) {
                unseen.put(address, AddressStatus.of(address, true, AddressStatus.State.PENDING));
            }
            queue.add(new Request(address, true));
        }
        wakeup.signal();
    }

    private static boolean wantsMore(AddressStatus seen) {
        return seen.owned()
                && (seen.state() == AddressStatus.State.CONFLICT || seen.state() == AddressStatus.State.ADOPTED);
    }

    @Override
    public void remove(Cidr address) {
        synchronized (lock) {
            asked.remove(address);
            unseen.remove(address);
            queue.add(new Request(address, false));
        }
        wakeup.signal();
    }

    @Override
    public void onChange(Runnable newListener) {
        requireNonNull(newListener, "newListener");
        synchronized (lock) {
            listener = newListener;
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        wakeup.signal();
        Uninterruptibles.joinUninterruptibly(thread);
        neighbours.close();
        monitor.close();
        agent.close();
        wakeup.close();
    }

    private void run() {
        while (!isClosed()) {
            try {
                turn();
            } catch (RuntimeException bug) {
                log.error("Looking at the link was abandoned because of a bug in Little LB; looking again", bug);
            }
        }
    }

    private void turn() {
        boolean changed = await();
        long now = System.nanoTime();
        changed |= hear(now) || lookAgainAt - now <= 0;
        List<Request> requests = takeRequests();
        if (changed || !requests.isEmpty()) {
            pass(changed, requests, List.of());
        }
        List<ConflictProbe.Outcome> outcomes = neighbours.work(now);
        if (!outcomes.isEmpty()) {
            pass(true, List.of(), outcomes);
        }
    }

    /**
     * Carries out and shows what came of it. What was seen last still is so unless the kernel has said otherwise, and its
     * notifications are here before its answers are.
     */
    private void pass(boolean changed, List<Request> requests, List<ConflictProbe.Outcome> outcomes) {
        List<Cidr> finished = new ArrayList<>();
        if (changed) {
            lookAgainAt = System.nanoTime() + resync.toNanos();
            agent.look();
            renew();
        }
        carryOut(requests, finished);
        answered(outcomes, finished);
        hasChanged(); // mostly by what was just done: the look that follows has it all
        show(agent.look(), finished);
    }

    private void renew() {
        try {
            warn(agent.renew());
        } catch (IOException e) {
            warn(List.of(e));
        }
    }

    private static void warn(Collection<IOException> failures) {
        failures.forEach(failure -> log.warn("Could not {}", failure.getMessage()));
    }

    /** Until somebody asks for something, the kernel reports a change, a frame comes, or it is time; returns whether to look. */
    private boolean await() {
        long now = System.nanoTime();
        long until = neighbours.next(now).filter(next -> next - lookAgainAt < 0).orElse(lookAgainAt);
        int millis = (int) Math.max(0, (until - now + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        try {
            Linux.pollIn(
                    millis,
                    Stream.concat(Stream.of(wakeup.fd(), monitor.fd()), neighbours.fds())
                            .toArray(Fd[]::new));
            wakeup.clear();
        } catch (IOException e) {
            log.warn("Cannot wait for what changes on the link: {}; looking again all the same", e.getMessage());
            return true;
        }
        return hasChanged();
    }

    private boolean hasChanged() {
        try {
            return monitor.drain();
        } catch (IOException e) {
            log.warn("Cannot hear what changes on the link: {}; looking again all the same", e.getMessage());
            return true;
        }
    }

    private boolean hear(long now) {
        try {
            return neighbours.hear(agent::isOfThisHost, now);
        } catch (IOException e) {
            log.debug("Cannot hear who else speaks on the link: {}", e.getMessage());
            return false;
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    private List<Request> takeRequests() {
        synchronized (lock) {
            List<Request> requests = List.copyOf(queue);
            queue.clear();
            return requests;
        }
    }

    /** In their order; but what is asked for in a row goes to the kernel together. */
    private void carryOut(List<Request> requests, List<Cidr> finished) {
        int start = 0;
        for (int end = 1; end <= requests.size(); end++) {
            if (end == requests.size()
                    || requests.get(end).add() != requests.get(start).add()) {
                List<Cidr> row =
                        requests.subList(start, end).stream().map(Request::cidr).toList();
                if (requests.get(start).add()) {
                    addOrProbe(row, finished);
                } else {
                    takeAway(row, finished);
                }
                start = end;
            }
        }
    }

    private void takeAway(List<Cidr> cidrs, List<Cidr> finished) {
        for (Cidr cidr : cidrs) {
            probing.remove(cidr.address());
            neighbours.forget(cidr.address());
        }
        try {
            warn(agent.remove(cidrs));
        } catch (IOException e) {
            warn(List.of(e));
        }
        finished.addAll(cidrs);
    }

    private void addOrProbe(List<Cidr> cidrs, List<Cidr> finished) {
        List<Cidr> free = new ArrayList<>();
        for (Cidr cidr : cidrs) {
            InetAddress ip = cidr.address();
            boolean inDoubt = !agent.has(ip) || neighbours.rival(ip).isPresent();
            if (inDoubt && neighbours.ask(ip, System.nanoTime())) {
                probing.put(ip, cidr);
            } else {
                free.add(cidr);
            }
        }
        put(free, finished);
    }

    private void put(List<Cidr> cidrs, List<Cidr> finished) {
        finished.addAll(cidrs);
        agent.add(cidrs).forEach((cidr, failure) -> {
            warn(List.of(failure));
            failed(cidr, AddressStatus.State.FAILED, failure.getMessage());
        });
    }

    /** A free address is added; one that is on the link already, and was contested, is ours alone again. */
    private void answered(List<ConflictProbe.Outcome> outcomes, List<Cidr> finished) {
        List<Cidr> free = new ArrayList<>();
        for (ConflictProbe.Outcome outcome : outcomes) {
            Cidr cidr = probing.remove(outcome.ip());
            if (cidr == null) {
                continue; // it is not wanted any more
            }
            if (outcome.other().isEmpty()) {
                neighbours.forget(outcome.ip());
                free.add(cidr);
            } else if (agent.has(outcome.ip())) {
                neighbours.lost(outcome.ip(), outcome.other().get());
                finished.add(cidr);
            } else {
                failed(
                        cidr,
                        AddressStatus.State.CONFLICT,
                        conflict(outcome.other().get()));
                finished.add(cidr);
            }
        }
        put(free, finished);
    }

    private static String conflict(MacAddress other) {
        return "the host with the hardware address " + other + " has it too; if that is a node of the cluster, set"
                + " strictARP: true in kube-proxy's configuration, or run with --publish status";
    }

    private void failed(Cidr cidr, AddressStatus.State state, String detail) {
        synchronized (lock) {
            unseen.replace(cidr, new AddressStatus(cidr, true, state, detail));
        }
    }

    /** From now on this is what is; of what was asked for, only what is neither seen nor finished is still of interest. */
    private void show(LinkAgent.View now, List<Cidr> finished) {
        Map<Cidr, AddressStatus> statuses = new LinkedHashMap<>();
        Runnable told;
        synchronized (lock) {
            now.addresses().forEach(seen -> statuses.put(seen.cidr(), status(seen)));
            boolean changed = !now.equals(view) || !statuses.equals(shown) || !finished.isEmpty();
            view = now;
            shown = statuses;
            finished.forEach(cidr -> unseen.computeIfPresent(
                    cidr, (key, before) -> before.state() == AddressStatus.State.PENDING ? null : before));
            unseen.keySet().removeAll(statuses.keySet());
            told = changed ? listener : () -> {};
        }
        neighbours.seen(now, announced(statuses.values()), System.nanoTime());
        told.run(); // outside the lock: the listener may call back
    }

    private AddressStatus status(AddressStatus seen) {
        Optional<MacAddress> rival = seen.owned() ? neighbours.rival(seen.cidr().address()) : Optional.empty();
        if (rival.isPresent()) {
            return new AddressStatus(seen.cidr(), true, AddressStatus.State.CONFLICT, conflict(rival.get()));
        }
        boolean adopted = seen.owned() && seen.state() == AddressStatus.State.PRESENT && !asked.contains(seen.cidr());
        return adopted ? AddressStatus.of(seen.cidr(), true, AddressStatus.State.ADOPTED) : seen;
    }

    /** Those that are ours, and wanted by this process: what an earlier one left may be another host's by now. */
    private static Set<InetAddress> announced(Collection<AddressStatus> statuses) {
        return statuses.stream()
                .filter(status -> status.owned() && status.state() == AddressStatus.State.PRESENT)
                .map(status -> status.cidr().address())
                .collect(toSet());
    }
}
