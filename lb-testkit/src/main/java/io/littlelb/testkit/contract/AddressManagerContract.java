package io.littlelb.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.LinkCounters;
import io.littlelb.core.port.AddressManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the core relies on in an {@link AddressManager}. */
public abstract class AddressManagerContract {
    protected static final Cidr HOST_IPV4 = cidr("198.18.0.1/24");
    protected static final Cidr HOST_IPV6 = cidr("2001:db8::1/64");
    protected static final Cidr REFUSED = cidr("2001:db8::66/64");

    /** A manager of a link that is up and has the two host addresses above, and no other of global scope. */
    protected abstract AddressManager manager();

    /** Somebody else puts an address on the link. */
    protected abstract void putForeign(Cidr address);

    /** Somebody else takes an address off the link, whosever it is. */
    protected abstract void removeByStranger(Cidr address);

    /** An address of ours is on the link as an earlier process has left it, and {@link #manager} is a new one. */
    protected abstract void leaveFromEarlier(Cidr address) throws Exception;

    /** The kernel refuses {@link #REFUSED} from now on. */
    protected abstract void refuse();

    /** The kernel takes {@link #REFUSED} again. */
    protected abstract void allow();

    /** Another host on the link uses an IPv4 address from now on. */
    protected abstract void startRival(Cidr address) throws Exception;

    /** No other host uses it any more. */
    protected abstract void stopRival(Cidr address) throws Exception;

    /** The kernel gets the time to answer; nothing to do where it takes it by itself. */
    protected void settle() {}

    protected static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    @Test
    protected final void showsTheHostsOwnAddresses() {
        Link link = manager().link();

        assertThat(link.state()).isEqualTo(Link.State.UP);
        assertThat(link.primary(Family.IPV4)).contains(HOST_IPV4);
        assertThat(link.primary(Family.IPV6)).contains(HOST_IPV6);
        assertThat(status(HOST_IPV4).orElseThrow().owned()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9/32", "198.18.0.9/24", "2001:db8::9/128", "2001:db8::9/64"})
    protected final void addsAnAddressThatIsOursAndNotTheLinks(String text) throws Exception {
        AtomicInteger told = new AtomicInteger();
        manager().onChange(told::incrementAndGet);

        manager().add(cidr(text));

        assertThat(status(cidr(text))).isPresent();
        settle();
        awaitState(cidr(text), AddressStatus.State.PRESENT);
        assertThat(status(cidr(text)).orElseThrow().owned()).isTrue();
        assertThat(manager().link().hostAddresses()).containsExactly(HOST_IPV4, HOST_IPV6);
        assertThat(told).hasPositiveValue();
    }

    @Test
    protected final void toAddTwiceIsToAddOnce() throws Exception {
        Cidr address = cidr("198.18.0.9/24");
        manager().add(address);
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.PRESENT);

        manager().add(address);

        assertThat(status(address).orElseThrow().state()).isEqualTo(AddressStatus.State.PRESENT);
        assertThat(manager().addresses())
                .filteredOn(status -> status.cidr().equals(address))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"198.18.0.9/24, 198.18.0.9/32", "2001:db8::9/64, 2001:db8::9/128"})
    protected final void anAddressOfOursChangesItsPrefixLength(String from, String to) throws Exception {
        manager().add(cidr(from));
        settle();
        awaitState(cidr(from), AddressStatus.State.PRESENT);

        manager().add(cidr(to));
        settle();
        awaitPresent(cidr(to));
        manager().remove(cidr(from));

        await().until(() -> status(cidr(from)).isEmpty());
        awaitPresent(cidr(to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9/32", "198.18.0.9/24", "2001:db8::9/128", "2001:db8::9/64"})
    protected final void removesAnAddressOfOurs(String text) throws Exception {
        manager().add(cidr(text));
        settle();
        awaitState(cidr(text), AddressStatus.State.PRESENT);

        manager().remove(cidr(text));

        await().until(() -> status(cidr(text)).isEmpty());
    }

    @Test
    protected final void removingWhatIsNotThereChangesNothing() throws Exception {
        List<AddressStatus> before = manager().addresses();

        manager().remove(cidr("198.18.0.77/24"));
        passMarker();

        assertThat(withoutMarker()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.8/24", "2001:db8::8/64"})
    protected final void leavesForeignAddressesAlone(String text) throws Exception {
        putForeign(cidr(text));
        await().until(() -> status(cidr(text)).isPresent());

        manager().add(cidr(text));
        manager().remove(cidr(text));
        passMarker();

        assertThat(status(cidr(text))).contains(AddressStatus.of(cidr(text), false, AddressStatus.State.PRESENT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9/32", "2001:db8::9/64"})
    protected final void whatAStrangerRemovedComesBackWhenItIsAskedForAgain(String text) throws Exception {
        manager().add(cidr(text));
        settle();
        awaitState(cidr(text), AddressStatus.State.PRESENT);

        removeByStranger(cidr(text));
        await().until(() -> status(cidr(text))
                .filter(status -> status.state() != AddressStatus.State.REMOVED)
                .isEmpty());
        manager().add(cidr(text));
        settle();

        awaitPresent(cidr(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9/32", "198.18.0.9/24", "2001:db8::9/64"})
    protected final void whatAnEarlierProcessLeftIsOursAndPresentOnceItIsAskedFor(String text) throws Exception {
        leaveFromEarlier(cidr(text));
        awaitState(cidr(text), AddressStatus.State.ADOPTED);
        assertThat(status(cidr(text)).orElseThrow().owned()).isTrue();
        assertThat(manager().link().hostAddresses()).containsExactly(HOST_IPV4, HOST_IPV6);

        manager().add(cidr(text));
        settle();

        awaitPresent(cidr(text));
    }

    @Test
    protected final void whatAnEarlierProcessLeftIsRemovedWithoutBeingAskedFor() throws Exception {
        leaveFromEarlier(cidr("198.18.0.9/24"));
        awaitState(cidr("198.18.0.9/24"), AddressStatus.State.ADOPTED);

        manager().remove(cidr("198.18.0.9/24"));

        await().until(() -> status(cidr("198.18.0.9/24")).isEmpty());
    }

    @Test
    protected final void whatTheKernelRefusedFailsAndIsTriedAgainWhenItIsAskedForAgain() throws Exception {
        refuse();
        manager().add(REFUSED);
        settle();
        awaitState(REFUSED, AddressStatus.State.FAILED);
        assertThat(status(REFUSED).orElseThrow().detail()).isNotEmpty();
        allow();
        assertThat(status(REFUSED).map(AddressStatus::state))
                .as("as long as nobody asks")
                .contains(AddressStatus.State.FAILED);

        manager().add(REFUSED);
        settle();

        awaitPresent(REFUSED);
    }

    @Test
    protected final void anAddressOfAnotherHostIsAConflictUntilThatHasGone() throws Exception {
        Cidr address = cidr("198.18.0.9/24");
        startRival(address);
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.CONFLICT);
        assertThat(status(address).orElseThrow().detail()).isNotEmpty();

        stopRival(address);
        manager().add(address);
        settle();

        awaitPresent(address);
    }

    @Test
    protected final void tellsSinceWhenAnAddressOfOursIsAsItIs() throws Exception {
        Cidr address = cidr("198.18.0.9/32");
        putForeign(cidr("198.18.0.8/32"));
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.PRESENT);
        await().until(() -> manager().histories().keySet().equals(Set.of(address.address())));
        Instant since = manager().histories().get(address.address()).since();

        passMarker();
        assertThat(manager().histories().get(address.address()).since())
                .as("it has not changed")
                .isEqualTo(since);
        manager().remove(address);
        manager().remove(cidr("198.18.0.200/24"));
        await().until(() -> manager().histories().isEmpty());
    }

    @Test
    protected final void countsConflictsAndRepairs() throws Exception {
        Cidr address = cidr("198.18.0.9/32");
        assertThat(manager().counters()).isEqualTo(LinkCounters.NONE);
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.PRESENT);
        assertThat(manager().counters().repairs()).isZero();

        removeByStranger(address);
        await().until(() -> status(address)
                .filter(status -> status.state() == AddressStatus.State.PRESENT)
                .isEmpty());
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.PRESENT);
        await().until(() -> manager().counters().repairs() == 1);
        manager().remove(address);
        await().until(() -> status(address).isEmpty());
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.PRESENT);
        assertThat(manager().counters().repairs())
                .as("what we took off ourselves is not repaired")
                .isEqualTo(1);
        assertThat(manager().counters().conflicts()).isZero();

        Cidr taken = cidr("198.18.0.12/24");
        startRival(taken);
        manager().add(taken);
        settle();
        awaitState(taken, AddressStatus.State.CONFLICT);
        await().until(() -> manager().counters().conflicts() == 1);
    }

    @Test
    protected final void nothingIsAskedForAfterTheCloseAndWhatIsThereStays() throws Exception {
        Cidr address = cidr("198.18.0.9/24");
        manager().add(address);
        settle();
        awaitState(address, AddressStatus.State.PRESENT);

        manager().close();
        manager().close();

        assertThatIllegalStateException().isThrownBy(() -> manager().add(cidr("198.18.0.10/24")));
        assertThatIllegalStateException().isThrownBy(() -> manager().remove(address));
        assertThat(status(address).map(AddressStatus::state)).contains(AddressStatus.State.PRESENT);
        assertThat(manager().link().state()).isEqualTo(Link.State.UP);
    }

    /** Requests are carried out in their order: when the marker is there, all earlier ones have been. */
    private void passMarker() throws Exception {
        manager().add(cidr("198.18.0.200/24"));
        settle();
        awaitState(cidr("198.18.0.200/24"), AddressStatus.State.PRESENT);
    }

    private List<AddressStatus> withoutMarker() {
        return manager().addresses().stream()
                .filter(status -> !status.cidr().equals(cidr("198.18.0.200/24")))
                .toList();
    }

    protected final Optional<AddressStatus> status(Cidr address) {
        return manager().addresses().stream()
                .filter(status -> status.cidr().equals(address))
                .findFirst();
    }

    private void awaitPresent(Cidr address) {
        awaitState(address, AddressStatus.State.PRESENT);
        assertThat(status(address).orElseThrow().owned()).isTrue();
    }

    protected final void awaitState(Cidr address, AddressStatus.State state) {
        await().untilAsserted(() ->
                assertThat(status(address).map(AddressStatus::state)).contains(state));
    }
}
