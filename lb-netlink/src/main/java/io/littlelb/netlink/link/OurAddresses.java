package io.littlelb.netlink.link;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_F_NOPREFIXROUTE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RT_SCOPE_UNIVERSE;

import io.littlelb.core.model.Cidr;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import java.time.Duration;
import java.util.Optional;

/**
 * What the addresses that we put on a link look like.
 *
 * @param mark by which they are known as ours
 * @param lifetime how long one lasts that is not renewed; empty means for ever
 */
record OurAddresses(OwnershipMark mark, Optional<Duration> lifetime) {
    /** Valid everywhere, and without a route of its own, for the host's own address has that. */
    AddressMessage toAdd(Cidr cidr, int index) {
        return new AddressMessage(
                cidr, index, RT_SCOPE_UNIVERSE, IFA_F_NOPREFIXROUTE, mark.label(), mark.protocol(), validSeconds());
    }

    private int validSeconds() {
        return lifetime.map(Duration::toSeconds).map(Math::toIntExact).orElse(AddressMessage.FOREVER);
    }

    /** Whether a third of its lifetime is over, or it has another one. */
    boolean isDueForRenewal(AddressMessage there) {
        boolean forever = there.validSeconds() == AddressMessage.FOREVER;
        return lifetime.isEmpty()
                ? !forever
                : forever || Integer.toUnsignedLong(there.validSeconds()) * 3 <= validSeconds() * 2L;
    }
}
