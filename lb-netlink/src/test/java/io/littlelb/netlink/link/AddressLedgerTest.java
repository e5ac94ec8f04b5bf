package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.AddressStatus.State;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is wished, what is seen, and what is therefore to be done. */
class AddressLedgerTest {
    private static final Cidr NINE = cidr("198.18.0.9/32");
    private static final InetAddress IP = NINE.address();
    private static final MacAddress OTHER = new MacAddress(0x0200_0000_0099L);
    private static final LinkWork NOTHING = new LinkWork(List.of(), List.of(), List.of(), List.of());
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AddressLedger ledger = new AddressLedger();

    @Test
    void aWishIsAskedForUntilTheKernelShowsIt() {
        ledger.add(NINE);

        assertThat(ledger.work(false).add()).containsExactly(NINE);
        assertThat(ledger.work(false).add()).as("the turn before was abandoned").containsExactly(NINE);
        ledger.added(NINE);
        see(owned(NINE));
        assertThat(ledger.work(false)).isEqualTo(NOTHING);
        assertThat(states()).containsExactly(State.PRESENT);
    }

    @Test
    void aRemovalIsAskedForUntilTheKernelShowsIt() {
        have(NINE);
        ledger.remove(NINE);

        assertThat(ledger.work(false).remove()).containsExactly(NINE);
        assertThat(ledger.work(false).remove()).containsExactly(NINE);
        see();
        assertThat(ledger.work(false)).isEqualTo(NOTHING);
        assertThat(ledger.addresses()).isEmpty();
    }

    @Test
    void whatIsGivenBackWhileItIsBeingAddedIsRemovedAgain() {
        ledger.add(NINE);
        ledger.work(false);
        ledger.remove(NINE);
        ledger.added(NINE);

        see(owned(NINE));

        assertThat(ledger.work(false).remove()).containsExactly(NINE);
    }

    @Test
    void asksFirstAndAddsWhatNobodyHas() {
        ledger.add(NINE);

        assertThat(ledger.work(true).ask()).containsExactly(IP);
        assertThat(ledger.work(true)).as("it is being asked").isEqualTo(NOTHING);
        ledger.answered(IP, Optional.empty(), 0);

        assertThat(ledger.work(true).add()).containsExactly(NINE);
    }

    @Test
    void whatAnotherHostHasIsAConflictUntilItIsAskedForAgain() {
        ledger.add(NINE);
        ledger.work(true);

        ledger.answered(IP, Optional.of(OTHER), 0);

        assertThat(states()).containsExactly(State.CONFLICT);
        assertThat(ledger.work(true)).isEqualTo(NOTHING);
        ledger.add(NINE);
        assertThat(states()).as("until it is known").containsExactly(State.CONFLICT);
        assertThat(ledger.work(true).ask()).containsExactly(IP);
    }

    @Test
    void aQuestionIsGivenUpWithTheWish() {
        ledger.add(NINE);
        ledger.work(true);

        ledger.remove(NINE);

        assertThat(ledger.work(true).cancel()).containsExactly(IP);
    }

    @Test
    void aQuestionThatIsLostWithTheLinkDoesNotHoldTheAddressUp() {
        ledger.add(NINE);
        ledger.work(true);

        assertThat(ledger.work(false).add()).containsExactly(NINE);
    }

    @Test
    void whatAnEarlierProcessLeftIsServedAtOnceAndAnnouncedWhenItIsKnownToBeFree() {
        see(owned(NINE));
        assertThat(states()).containsExactly(State.ADOPTED);
        assertThat(ledger.announced()).isEmpty();

        ledger.add(NINE);

        assertThat(ledger.work(true).ask()).containsExactly(IP);
        assertThat(states()).containsExactly(State.PRESENT);
        assertThat(ledger.announced()).isEmpty();
        ledger.answered(IP, Optional.empty(), 0);
        assertThat(ledger.announced()).containsExactly(IP);
    }

    @Test
    void inDoubtAnAddressIsAskedForAndServedMeanwhile() {
        have(NINE);

        ledger.doubt();

        assertThat(states()).containsExactly(State.PRESENT);
        assertThat(ledger.announced()).isEmpty();
        assertThat(ledger.work(true).ask()).containsExactly(IP);
        ledger.answered(IP, Optional.of(OTHER), 0);
        assertThat(states()).containsExactly(State.CONFLICT);
    }

    @Test
    void inDoubtAQuestionIsAskedFromTheBeginning() {
        ledger.add(NINE);
        assertThat(ledger.work(true).ask()).containsExactly(IP);

        ledger.doubt();

        assertThat(ledger.work(true).ask()).containsExactly(IP);
    }

    @Test
    void aRivalThatIsSilentIsAskedForAgain() {
        have(NINE);
        ledger.contested(IP, OTHER, 0);

        ledger.age(true, 9 * SECOND);
        assertThat(ledger.work(true)).isEqualTo(NOTHING);
        assertThat(ledger.nextAge()).contains(10 * SECOND);
        ledger.age(true, 10 * SECOND);

        assertThat(ledger.work(true).ask()).containsExactly(IP);
        assertThat(states()).as("until it is known").containsExactly(State.CONFLICT);
        ledger.answered(IP, Optional.empty(), 11 * SECOND);
        assertThat(states()).containsExactly(State.PRESENT);
        assertThat(ledger.nextAge()).isEmpty();
    }

    @Test
    void aRivalThatGoesOnSpeakingStaysOne() {
        have(NINE);
        ledger.contested(IP, OTHER, 0);
        ledger.contested(IP, OTHER, 9 * SECOND);

        ledger.age(false, 18 * SECOND);
        assertThat(states()).containsExactly(State.CONFLICT);
        ledger.age(false, 19 * SECOND);

        assertThat(states()).containsExactly(State.PRESENT);
    }

    @Test
    void anAddressChangesItsLengthByBeingThereTwice() {
        Cidr wide = cidr("198.18.0.9/24");
        see(owned(wide));
        ledger.remove(wide);
        ledger.add(NINE);

        LinkWork first = ledger.work(true);
        assertThat(first.add()).containsExactly(NINE);
        assertThat(first.remove()).isEmpty();
        ledger.added(NINE);
        see(owned(wide), owned(NINE));

        assertThat(ledger.work(true).remove()).containsExactly(wide);
    }

    @Test
    void whatIsRemovedAgainAndAgainIsToldUntilItIsLeftAlone() {
        have(NINE);
        seeAt(1 * SECOND);
        assertThat(ledger.addresses()).as("once may be a mistake").isEmpty();
        have(NINE);

        seeAt(2 * SECOND);

        assertThat(states()).containsExactly(State.REMOVED);
        assertThat(ledger.addresses().get(0).detail()).contains("2 times");
        assertThat(ledger.work(false)).as("it is for others to ask again").isEqualTo(NOTHING);
        have(NINE);
        assertThat(ledger.addresses().get(0).detail()).contains("2 times");
        seeAt(200 * SECOND, owned(NINE));
        assertThat(ledger.addresses()).containsExactly(owned(NINE));
    }

    @Test
    void whatGoesWithTheLinkWasNotTakenAway() {
        for (int i = 0; i < 3; i++) {
            have(NINE);
            ledger.see(view(), false, 0);
        }

        assertThat(ledger.addresses()).isEmpty();
    }

    @Test
    void anAddressOfSomebodyElseIsUsedAsItIs() {
        AddressStatus foreign = AddressStatus.of(cidr("198.18.0.9/24"), false, State.PRESENT);
        see(foreign);
        ledger.add(NINE);
        ledger.remove(foreign.cidr());

        assertThat(ledger.work(true)).isEqualTo(NOTHING);
        assertThat(ledger.addresses()).containsExactly(foreign);
        assertThat(ledger.announced()).isEmpty();
    }

    @Test
    void aRefusalIsToldUntilItIsAskedForAgain() {
        ledger.add(NINE);
        ledger.work(false);

        ledger.failed(NINE, "EPERM");

        assertThat(ledger.addresses()).containsExactly(new AddressStatus(NINE, true, State.FAILED, "EPERM"));
        assertThat(ledger.work(false)).isEqualTo(NOTHING);
        ledger.add(NINE);
        assertThat(ledger.work(false).add()).containsExactly(NINE);
    }

    @Test
    void theSameIsReturnedForAsLongAsNothingChanges() {
        have(NINE);
        List<AddressStatus> before = ledger.addresses();

        see(owned(NINE));
        ledger.add(NINE);

        assertThat(ledger.addresses()).isSameAs(before);
    }

    private void have(Cidr cidr) {
        ledger.add(cidr);
        ledger.work(false);
        ledger.added(cidr);
        see(owned(cidr));
        ledger.work(false);
    }

    private void see(AddressStatus... addresses) {
        seeAt(0, addresses);
    }

    private void seeAt(long time, AddressStatus... addresses) {
        ledger.see(view(addresses), true, time);
    }

    private static LinkLook.View view(AddressStatus... addresses) {
        Link link = new Link("eth0", 2, Link.State.UP, List.of(), Set.of());
        return new LinkLook.View(link, List.of(addresses), Optional.empty());
    }

    private Stream<State> states() {
        return ledger.addresses().stream().map(AddressStatus::state);
    }

    private static AddressStatus owned(Cidr cidr) {
        return AddressStatus.of(cidr, true, State.PRESENT);
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }
}
