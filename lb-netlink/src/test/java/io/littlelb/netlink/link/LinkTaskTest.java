package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.netlink.arp.Neighbourhood;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Turns of {@code lb-link} by hand, with a clock that stands still unless it is moved. */
@ExtendWith(InNetworkNamespace.class)
class LinkTaskTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Cidr NINE = Cidr.parse("198.18.0.9/32").orElseThrow();

    private final AddressLedger ledger = new AddressLedger();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private int shown;
    private long now;

    @BeforeEach
    void makeALink(NetworkNamespace network) {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 dev veth0");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void onALinkWithoutArpThereIsNothingToDoForAddressesThatAreThere(NetworkNamespace network) throws Exception {
        network.ip("link set veth0 arp off");
        LinkTask task = task();
        for (int i = 0; i < 200; i++) {
            ledger.add(Cidr.parse("198.18.0." + (20 + i) + "/32").orElseThrow());
        }

        task.turn(now);
        int turns = turnsUntil(task, 9 * SECOND);

        assertThat(ledger.addresses())
                .filteredOn(status -> status.owned() && status.state() == AddressStatus.State.PRESENT)
                .hasSize(200);
        assertThat(turns).isZero();
    }

    @Test
    void whoWasStoppedAsksAgain() throws Exception {
        LinkTask task = task();
        ledger.add(NINE);
        turnsUntil(task, 2 * SECOND);
        assertThat(ledger.announced()).containsExactly(NINE.address());
        long wait = task.turn(now);

        now += wait + SECOND; // late, as on a busy machine
        wait = task.turn(now);
        assertThat(ledger.announced()).containsExactly(NINE.address());
        now += wait + 3 * SECOND;
        task.turn(now);

        assertThat(ledger.announced()).as("until nobody has answered").isEmpty();
        assertThat(ledger.addresses()).contains(AddressStatus.of(NINE, true, AddressStatus.State.PRESENT));
        turnsUntil(task, now + SECOND);
        assertThat(ledger.announced()).containsExactly(NINE.address());
    }

    @Test
    void whatHasNotChangedIsNotShownAgain() throws Exception {
        LinkTask task = task();
        task.turn(now);
        int before = shown;

        task.turn(now);
        task.turn(now);

        assertThat(shown).isEqualTo(before);
    }

    /** Lets time pass to whenever there is something to do; returns how many turns that took. */
    private int turnsUntil(LinkTask task, long end) throws Exception {
        int turns = 0;
        for (long wait = task.turn(now); now + wait <= end; wait = task.turn(now)) {
            now += Math.max(1, wait);
            turns++;
        }
        return turns;
    }

    private LinkTask task() throws Exception {
        LinkMonitor monitor = LinkMonitor.open("veth0");
        RtnetlinkConnection kernel = RtnetlinkConnection.open();
        OwnershipMark mark = OwnershipMark.forThisKernel("veth0");
        LinkLook look = new LinkLook("veth0", mark, kernel);
        OurAddresses form = new OurAddresses(mark, Optional.empty());
        AddressRequests requests = new AddressRequests("veth0", kernel);
        Neighbourhood neighbours =
                new Neighbourhood("veth0", ConflictProbing.FAST, new Random(1), () -> now, InstantSource.system());
        LinkTask.Parts parts = LinkTask.Parts.of(ledger, look, form, requests, monitor, neighbours);
        LinkTask task = new LinkTask(parts, LinkConfig.DEFAULT, () -> now, view -> shown++);
        opened.add(task);
        opened.add(kernel);
        return task;
    }
}
