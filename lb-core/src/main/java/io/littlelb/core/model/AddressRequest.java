package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Splitter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The addresses a Service asks for: none in particular, certain ones, or something that is no address. */
public sealed interface AddressRequest {
    /** No wish: any address will do. */
    static AddressRequest none() {
        return new Any(Optional.empty());
    }

    /** Any address of the pool with this name. */
    static AddressRequest ofPool(String name) {
        return new Any(Optional.of(name));
    }

    /**
     * Reads what a user wrote.
     *
     * @param field the text of {@code spec.loadBalancerIP}; empty or blank means not set
     * @param annotation the text of the address annotation, comma separated; empty or blank means not set
     */
    static AddressRequest parse(String field, String annotation) {
        if (field.isBlank() && annotation.isBlank()) {
            return none();
        }
        if (!field.isBlank() && !annotation.isBlank()) {
            return new Invalid(new Problem(
                    Reason.ConflictingRequest,
                    "loadBalancerIP asks for " + Shown.quoted(field) + " and the annotation for "
                            + Shown.quoted(annotation) + "; set only one of them"));
        }
        return parse(field.isBlank() ? annotation : field);
    }

    private static AddressRequest parse(String text) {
        List<InetAddress> addresses = new ArrayList<>();
        Set<Family> families = EnumSet.noneOf(Family.class);
        for (String part : Splitter.onPattern(" *, *").split(text)) { // blanks are for lists alone
            Optional<InetAddress> address = Addresses.parse(part);
            if (address.isEmpty()) {
                return invalid(Shown.quoted(part)
                        + " is not an IP address; write a literal such as 198.18.0.9 or 2001:db8::9");
            }
            Optional<String> unusable = unusable(address.get());
            if (unusable.isPresent()) {
                return invalid(part + " is " + unusable.get() + "; ask for a unicast address of the link's subnet");
            }
            if (!families.add(Family.of(address.get()))) {
                return invalid(Shown.quoted(text) + " names more than one " + Family.of(address.get())
                        + " address; ask for at most one per family");
            }
            addresses.add(address.get());
        }
        return new Literal(addresses);
    }

    private static AddressRequest invalid(String detail) {
        return new Invalid(new Problem(Reason.InvalidAddress, detail));
    }

    private static Optional<String> unusable(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return Optional.of("the unspecified address");
        }
        if (address.isLoopbackAddress()) {
            return Optional.of("a loopback address");
        }
        if (address.isMulticastAddress()) {
            return Optional.of("a multicast address");
        }
        if (address.isLinkLocalAddress()) {
            return Optional.of("a link-local address");
        }
        return Optional.empty();
    }

    /**
     * No address in particular.
     *
     * @param pool where it is to come from; empty means that it does not matter
     */
    record Any(Optional<String> pool) implements AddressRequest {
        public Any {
            requireNonNull(pool, "pool");
        }
    }

    /** Usable addresses, at most one per family, at least one. */
    record Literal(List<InetAddress> addresses) implements AddressRequest {
        public Literal {
            addresses = List.copyOf(addresses);
        }
    }

    /** A request that cannot be honoured, and why. */
    record Invalid(Problem problem) implements AddressRequest {
        public Invalid {
            requireNonNull(problem, "problem");
        }
    }
}
