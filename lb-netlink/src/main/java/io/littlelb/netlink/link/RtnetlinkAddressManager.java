package io.littlelb.netlink.link;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.LinkCounters;
import io.littlelb.core.port.AddressManager;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Worker;
import io.littlelb.linux.ListeningSocket;
import io.littlelb.netlink.arp.Announced;
import io.littlelb.netlink.arp.Neighbourhood;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Addresses on a link of the real kernel.
 *
 * <p>The kernel is the database: an address is ours because the kernel says that it carries our mark, so a new process adopts
 * what an old one left, and nothing else is ever touched. What is asked for is kept in the {@link AddressLedger} until the kernel shows it.
 *
 * <p>Owns the thread {@code lb-link}, which alone talks to the kernel: it carries out what is asked for, hears of every
 * change by anybody within milliseconds, and looks again every ten seconds, or oftener to renew what has a lifetime, even if it heard of none. It asks the
 * link before an IPv4 address is used, and whenever silence may have changed hands; and announces every address that is in no doubt.
 */
public final class RtnetlinkAddressManager implements AddressManager {
    private static final Logger log = LoggerFactory.getLogger(RtnetlinkAddressManager.class);
    /** {@code IFNAMSIZ} of {@code linux/if.h}, less the zero byte. */
    private static final int LONGEST_NAME = 15;
    /** No turn waits for anybody but the kernel. */
    private static final Duration LAST_TURN = Duration.ofSeconds(5);

    private final AddressLedger ledger = new AddressLedger();
    private final Histories histories = new Histories(InstantSource.system());
    private final Announced announced;
    private final RtnetlinkConnection kernel;
    private final LinkTask task;
    private final LinkWaiting waiting;
    private final Worker worker;
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile Link link = LinkLook.View.NOTHING.link();
    private volatile Runnable listener = () -> {};
    /** What the listener knows of; of {@code lb-link} alone. */
    private List<AddressStatus> told = List.of();

    private RtnetlinkAddressManager(
            String name, OwnershipMark mark, LinkConfig config, LinkMonitor monitor, RtnetlinkConnection kernel)
            throws IOException {
        HostPorts ports = new HostPorts(config.watchedPorts(), ListeningSocket::all);
        LinkLook look = new LinkLook(name, mark, kernel, () -> ports.seen(System.nanoTime()));
        OurAddresses form = new OurAddresses(mark, config.addressLifetime());
        AddressRequests requests = new AddressRequests(name, kernel);
        Neighbourhood neighbours =
                new Neighbourhood(name, config.probing(), new Random(), System::nanoTime, InstantSource.system());
        LinkTask.Parts parts = LinkTask.Parts.of(ledger, look, form, requests, monitor, neighbours);
        this.announced = neighbours.announced();
        this.kernel = kernel;
        this.task = new LinkTask(parts, config, System::nanoTime, this::show);
        this.waiting = new LinkWaiting(task::fds, System::nanoTime);
        this.worker = new Worker("lb-link", waiting, this::turn, config.errors());
        this.link = look.view().link();
    }

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
        LinkMonitor monitor = LinkMonitor.open(link); // first: what changes after the first look is then heard
        RtnetlinkAddressManager manager =
                new RtnetlinkAddressManager(link, mark, config, monitor, RtnetlinkConnection.open());
        manager.worker.start();
        return manager;
    }

    @Override
    public Link link() {
        return link;
    }

    @Override
    public List<AddressStatus> addresses() {
        return ledger.addresses();
    }

    @Override
    public void add(Cidr address) {
        checkOpen("add " + address);
        if (ledger.add(address)) {
            worker.wake();
        }
    }

    @Override
    public void remove(Cidr address) {
        checkOpen("remove " + address);
        if (ledger.remove(address)) {
            worker.wake();
        }
    }

    @Override
    public LinkCounters counters() {
        return new LinkCounters(announced.frames(), histories.conflicts() + announced.defences(), ledger.repairs());
    }

    @Override
    public Map<InetAddress, AddressHistory> histories() {
        return histories.all(announced.lastAt());
    }

    private void checkOpen(String operation) {
        if (closed.get()) {
            throw new IllegalStateException(
                    operation + ": the addresses of this link are not looked after any more, it is closed");
        }
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = requireNonNull(newListener, "newListener");
    }

    private long turn(long now) {
        return worker.isClosing() ? Task.DONE : task.turn(now);
    }

    /** From now on this is what is, and somebody is told if it is something else than before. */
    private void show(LinkLook.View view) {
        List<AddressStatus> addresses = ledger.addresses();
        boolean changed = !view.link().equals(link) || !addresses.equals(told);
        link = view.link();
        told = addresses;
        if (changed) {
            histories.see(addresses);
            announced.forget(ip -> !histories.isKnown(ip));
            listener.run();
        }
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        if (!worker.close(LAST_TURN)) {
            log.warn("lb-link is held up in the kernel; its sockets stay open until it is not");
            return;
        }
        task.close();
        kernel.close();
        waiting.close();
    }
}
