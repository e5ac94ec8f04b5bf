package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.Optional;

/** What one Service gets in one family: an address, or the reason why not. */
public sealed interface Allocation {
    /** The address the Service may use; empty when it was rejected. */
    Optional<InetAddress> ip();

    /** An address of its own. */
    record Exclusive(InetAddress address) implements Allocation {
        public Exclusive {
            requireNonNull(address, "address");
        }

        @Override
        public Optional<InetAddress> ip() {
            return Optional.of(address);
        }
    }

    /** An address shared with Services of the same namespace that have the same key. */
    record SharedByKey(InetAddress address, String key) implements Allocation {
        public SharedByKey {
            requireNonNull(address, "address");
            requireNonNull(key, "key");
        }

        @Override
        public Optional<InetAddress> ip() {
            return Optional.of(address);
        }
    }

    /** The link's own primary address: the host's, never added and never removed. */
    record LinkAddress(InetAddress address) implements Allocation {
        public LinkAddress {
            requireNonNull(address, "address");
        }

        @Override
        public Optional<InetAddress> ip() {
            return Optional.of(address);
        }
    }

    /** No address, and why. */
    record Rejected(Problem problem) implements Allocation {
        public Rejected {
            requireNonNull(problem, "problem");
        }

        @Override
        public Optional<InetAddress> ip() {
            return Optional.empty();
        }
    }
}
