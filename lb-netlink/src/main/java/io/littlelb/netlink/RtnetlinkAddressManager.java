package io.littlelb.netlink;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.port.AddressManager;
import io.littlelb.linux.EventFd;
import io.littlelb.linux.Linux;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses on a link of the real kernel.
 *
 * <p>The kernel is the database: an address is ours because the kernel says that it carries our mark, so a new process adopts
 * what an old one left, and nothing else is ever touched. What is asked for is kept here only until the kernel shows it.
 *
 * <p>Owns the thread {@code lb-link}, which alone talks to the kernel: it carries out requests in their order, hears of every
 * change by anybody within milliseconds, and looks again every ten seconds even if it heard of none.
 */
public final class RtnetlinkAddressManager implements AddressManager {
    private static final Logger log = LoggerFactory.getLogger(RtnetlinkAddressManager.class);
    private static final Duration RESYNC = Duration.ofSeconds(10);
    /** {@code IFNAMSIZ} of {@code linux/if.h}, less the zero byte. */
    private static final int LONGEST_NAME = 15;

    private final LinkAgent agent;
    private final LinkMonitor monitor;
    private final EventFd wakeup;
    private final Thread thread = new Thread(this::run, "lb-link");

    /** Guards everything below: the reconciler asks and reads, {@code lb-link} works and shows. */
    private final Object lock = new Object();

    private final Queue<Request> queue = new ArrayDeque<>();
    /** Asked for and not seen yet: pending, or failed with what the kernel said. */
    private final Map<Cidr, AddressStatus> unseen = new HashMap<>();

    private LinkAgent.View view;
    private Runnable listener = () -> {};
    private boolean closed;

    private RtnetlinkAddressManager(LinkAgent agent, LinkMonitor monitor, EventFd wakeup) {
        this.agent = agent;
        this.monitor = monitor;
        this.wakeup = wakeup;
        this.view = agent.look();
    }

    private record Request(Cidr cidr, boolean add) {}

    /**
     * Follows a link of the calling thread's network namespace. The link need not be there yet.
     *
     * @throws IllegalArgumentException when no link can have this name
     * @throws IOException when the kernel gives no netlink socket
     */
    public static RtnetlinkAddressManager open(String link) throws IOException {
        return open(link, OwnershipMark.forThisKernel(link));
    }

    static RtnetlinkAddressManager open(String link, OwnershipMark mark) throws IOException {
        if (link.isEmpty() || link.length() > LONGEST_NAME || link.contains("/")) {
            throw new IllegalArgumentException(
                    "\"" + link + "\" is no name of a link: 1 to " + LONGEST_NAME + " characters without a slash");
        }
        LinkMonitor monitor = LinkMonitor.open(); // first: what changes after the first look is then heard
        LinkAgent agent = LinkAgent.open(link, mark);
        RtnetlinkAddressManager manager = new RtnetlinkAddressManager(agent, monitor, new EventFd());
        manager.thread.setDaemon(true);
        manager.thread.start();
        return manager;
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
            List<AddressStatus> addresses = new ArrayList<>(view.addresses());
            addresses.addAll(unseen.values());
            return addresses;
        }
    }

    @Override
    public void add(Cidr address) {
        synchronized (lock) {
            AddressStatus asked = unseen.get(address);
            boolean waiting = asked != null && asked.state() == AddressStatus.State.PENDING;
            boolean usable =
                    view.addresses().stream().anyMatch(seen -> seen.cidr().equals(address) && !isBroken(seen));
            if (waiting || usable) {
                return;
            }
            boolean seen =
                    view.addresses().stream().anyMatch(status -> status.cidr().equals(address));
            if (!seen) {
                unseen.put(address, AddressStatus.of(address, true, AddressStatus.State.PENDING));
            }
            queue.add(new Request(address, true));
        }
        wakeup.signal();
    }

    private static boolean isBroken(AddressStatus seen) {
        return seen.owned() && seen.state() == AddressStatus.State.CONFLICT;
    }

    @Override
    public void remove(Cidr address) {
        synchronized (lock) {
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
        monitor.close();
        agent.close();
        wakeup.close();
    }

    private void run() {
        while (!isClosed()) {
            await();
            try {
                pass();
            } catch (RuntimeException bug) {
                log.error("Looking at the link was abandoned because of a bug in Little LB; looking again", bug);
            }
        }
    }

    private void pass() {
        agent.look();
        List<Request> requests = takeRequests();
        requests.forEach(this::carryOut);
        show(agent.look(), requests);
    }

    /** Until somebody asks for something, the kernel reports a change, or it is time to look again. */
    private void await() {
        try {
            Linux.pollIn((int) RESYNC.toMillis(), wakeup.fd(), monitor.fd());
            wakeup.clear();
            monitor.drain();
        } catch (IOException e) {
            log.warn("Cannot hear what changes on the link: {}; looking again all the same", e.getMessage());
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

    private void carryOut(Request request) {
        try {
            if (request.add()) {
                agent.add(request.cidr());
            } else {
                agent.remove(request.cidr());
            }
        } catch (IOException e) {
            log.warn("Could not {}", e.getMessage());
            if (request.add()) {
                failed(request.cidr(), e.getMessage());
            }
        }
    }

    private void failed(Cidr cidr, String detail) {
        synchronized (lock) {
            unseen.replace(cidr, new AddressStatus(cidr, true, AddressStatus.State.FAILED, detail));
        }
    }

    /** From now on this is what is; of what was asked for, only what failed is still of interest. */
    private void show(LinkAgent.View now, List<Request> carriedOut) {
        Runnable told;
        synchronized (lock) {
            boolean changed = !now.equals(view) || !carriedOut.isEmpty();
            view = now;
            carriedOut.forEach(request -> unseen.computeIfPresent(
                    request.cidr(), (cidr, asked) -> asked.state() == AddressStatus.State.PENDING ? null : asked));
            now.addresses().forEach(seen -> unseen.remove(seen.cidr()));
            told = changed ? listener : () -> {};
        }
        told.run(); // outside the lock: the listener may call back
    }
}
