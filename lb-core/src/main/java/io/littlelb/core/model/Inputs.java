package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.Set;

/**
 * All that a pass looks at, of one moment. What it decides is a pure function of this and of who held what before; a new capability is one more
 * component here, and one more such function.
 *
 * @param trust how much {@code cluster} is worth
 * @param source where that is from, and what trouble there is with it; {@link SourceContact#timeless}
 * @param cluster what is asked for, and what we have said about it
 * @param settings what holds for all Services
 * @param orders what a person has ordered
 * @param members who else serves these Services
 * @param actual what is seen of the link and of the frontends
 * @param protocols what the forwarder can forward
 */
public record Inputs(
        Trust trust,
        SourceContact source,
        ClusterSnapshot cluster,
        Settings settings,
        Orders orders,
        Members members,
        ActualState actual,
        Set<Protocol> protocols) {
    public Inputs {
        requireNonNull(trust, "trust");
        source = source.timeless();
        requireNonNull(cluster, "cluster");
        requireNonNull(settings, "settings");
        requireNonNull(orders, "orders");
        requireNonNull(members, "members");
        requireNonNull(actual, "actual");
        protocols = Set.copyOf(protocols);
    }

    /** What a source says now, served over TCP by an instance that is alone, has no orders, and works by the settings that are there by default. */
    public static Inputs live(ClusterSnapshot cluster, ActualState actual) {
        return new Inputs(
                Trust.LIVE,
                SourceContact.HERE,
                cluster,
                Settings.DEFAULT,
                Orders.NONE,
                Members.ALONE,
                actual,
                Set.of(Protocol.TCP));
    }

    /** The same with other settings. */
    public Inputs with(Settings others) {
        return new Inputs(trust, source, cluster, others, orders, members, actual, protocols);
    }

    /** Whether anything may be decided by it. */
    public boolean isKnown() {
        return trust != Trust.NOT_KNOWN;
    }
}
