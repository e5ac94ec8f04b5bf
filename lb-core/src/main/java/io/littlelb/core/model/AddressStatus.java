package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.Objects;

/**
 * One address of the link as it stands. For its equals see {@link ServiceKey}.
 *
 * @param owned whether it carries our mark; any other belongs to somebody else and is never changed
 * @param detail what a person needs to know of a state that is not well: the kernel's text, the other host's MAC, how
 *     often it was taken away; else empty. On one that is {@link State#PRESENT} it tells of the past
 */
public record AddressStatus(Cidr cidr, boolean owned, State state, String detail) {
    /** How far an address has come. Waiting is a state, never a blocked thread. */
    public enum State {
        /** Asked for; the kernel has not answered yet, or a probe is still running. */
        PENDING,
        /** On the link, but duplicate address detection (RFC 4862) has not ended: not usable yet. */
        TENTATIVE,
        /** On the link with our mark, left by an earlier process, and not asked for since: not announced yet. */
        ADOPTED,
        /** On the link and usable. */
        PRESENT,
        /** Ours, but something on this host keeps taking it off the link. It can be asked for again. */
        REMOVED,
        /** Another host uses it. */
        CONFLICT,
        /** The kernel refused it. */
        FAILED
    }

    public AddressStatus {
        requireNonNull(cidr, "cidr");
        requireNonNull(state, "state");
        requireNonNull(detail, "detail");
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof AddressStatus status
                        && owned == status.owned
                        && state == status.state
                        && cidr.equals(status.cidr)
                        && detail.equals(status.detail));
    }

    @Override
    public int hashCode() {
        return Objects.hash(cidr, owned, state, detail);
    }

    /** An address without anything to explain. */
    public static AddressStatus of(Cidr cidr, boolean owned, State state) {
        return new AddressStatus(cidr, owned, state, "");
    }
}
