package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.port.AddressManager;
import io.littlelb.core.port.Forwarder;
import io.littlelb.core.port.StatusWriter;

/** The three ways in which a step changes the world. */
public record Actuators(AddressManager addresses, Forwarder forwarder, StatusWriter statuses) {
    public Actuators {
        requireNonNull(addresses, "addresses");
        requireNonNull(forwarder, "forwarder");
        requireNonNull(statuses, "statuses");
    }
}
