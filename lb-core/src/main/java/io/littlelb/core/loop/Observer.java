package io.littlelb.core.loop;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Members;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.port.EndpointSource;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at everything that a pass depends on; should the source fail, at what it said last. For the reconciler's thread. */
final class Observer {
    private static final Logger log = LoggerFactory.getLogger(Observer.class);

    private final EndpointSource source;
    private final Actuators actuators;
    private final Supplier<Settings> settings;
    private final Supplier<Orders> orders;
    /** As last seen; what has not changed is the same object, and need not be sorted by IP again. */
    private List<AddressStatus> addresses = List.of();

    private PersistentMap<InetAddress, List<AddressStatus>> addressesByIp = PersistentMap.of();
    /** The last snapshot that could be taken. */
    private Optional<ClusterSnapshot> last = Optional.empty();

    private boolean sourceFails;
    private boolean answered;
    private SourceContact contact = SourceContact.HERE;

    Observer(EndpointSource source, Actuators actuators, Supplier<Settings> settings, Supplier<Orders> orders) {
        this.source = source;
        this.actuators = actuators;
        this.settings = settings;
        this.orders = orders;
    }

    /** What there is now. */
    Inputs look() {
        Optional<ClusterSnapshot> cluster = ask();
        if (cluster.isEmpty()) {
            return with(Trust.NOT_KNOWN, ClusterSnapshot.EMPTY);
        }
        return with(contact.isLive() ? Trust.LIVE : Trust.REMEMBERED, cluster.get());
    }

    /** Whether the source had an answer when it was asked last: that of now, or, where it is out of contact, its own memory. */
    boolean isAnswered() {
        return answered;
    }

    /** What the source says, or, should it fail, what it said last; empty while it does not know. */
    private Optional<ClusterSnapshot> ask() {
        answered = false;
        try {
            Optional<ClusterSnapshot> now = source.snapshot();
            contact = source.contact();
            last = now.or(() -> last);
            sourceFails = false;
            answered = now.isPresent();
            return now;
        } catch (RuntimeException bug) {
            if (!sourceFails) {
                log.error("The source of Services failed; what it last said stays in force", bug);
            }
            sourceFails = true;
            String fault = "it cannot be read because of a fault of this program (" + bug + ")";
            contact = new SourceContact(contact.place(), Optional.empty(), Optional.of(fault));
            return last;
        }
    }

    /** What the source has said last, of whatever worth that is. */
    ClusterSnapshot remembered() {
        return last.orElse(ClusterSnapshot.EMPTY);
    }

    /** The world now, beside a cluster. */
    @SuppressWarnings("ReferenceEquality")
    Inputs with(Trust trust, ClusterSnapshot cluster) {
        List<AddressStatus> now = List.copyOf(actuators.addresses().addresses()); // which copies only what may change
        if (now != addresses) {
            addresses = now;
            addressesByIp = ActualState.byIp(now);
        }
        ActualState actual = new ActualState(
                actuators.addresses().link(),
                addressesByIp,
                actuators.forwarder().frontends(),
                cluster.published());
        return new Inputs(
                trust,
                contact,
                cluster,
                settings.get(),
                orders.get(),
                Members.ALONE,
                actual,
                actuators.forwarder().protocols());
    }
}
