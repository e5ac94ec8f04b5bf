package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import java.io.IOException;
import java.time.Duration;

/**
 * One change to the world. Steps are idempotent and independent: one that fails keeps no other from being taken.
 */
public sealed interface Step {
    /** Makes the change, or hands it to the thread that does; returns without waiting for the world. */
    void applyTo(Actuators actuators) throws IOException;

    /** What the step is about: of two steps with the same target, the later one overrides the earlier. */
    Object target();

    /** What kind of change it is, as programs are told: {@code set_frontend}. Scripts match on these words. */
    String word();

    /** Whether the next pass may see the world changed by this step, or only an event can tell. */
    default boolean changesTheWorld() {
        return true;
    }

    /** Stop accepting, drain, close. */
    record RemoveFrontend(Frontend frontend, Duration drain) implements Step {
        public RemoveFrontend {
            requireNonNull(frontend, "frontend");
            requireNonNull(drain, "drain");
        }

        @Override
        public void applyTo(Actuators actuators) {
            actuators.forwarder().remove(frontend, drain);
        }

        @Override
        public Object target() {
            return frontend;
        }

        @Override
        public String word() {
            return "remove_frontend";
        }

        @Override
        public String toString() {
            return "close " + frontend;
        }
    }

    /** Take an address of ours off the link. */
    record RemoveAddress(Cidr cidr) implements Step {
        public RemoveAddress {
            requireNonNull(cidr, "cidr");
        }

        @Override
        public void applyTo(Actuators actuators) throws IOException {
            actuators.addresses().remove(cidr);
        }

        @Override
        public Object target() {
            return cidr;
        }

        @Override
        public String word() {
            return "remove_address";
        }

        @Override
        public String toString() {
            return "remove address " + cidr;
        }
    }

    /** Put an address on the link. */
    record AddAddress(Cidr cidr) implements Step {
        public AddAddress {
            requireNonNull(cidr, "cidr");
        }

        @Override
        public void applyTo(Actuators actuators) throws IOException {
            actuators.addresses().add(cidr);
        }

        @Override
        public Object target() {
            return cidr;
        }

        @Override
        public String word() {
            return "add_address";
        }

        @Override
        public String toString() {
            return "add address " + cidr;
        }
    }

    /** Open a frontend, or change an open one. */
    record SetFrontend(Frontend frontend, FrontendConfig config) implements Step {
        public SetFrontend {
            requireNonNull(frontend, "frontend");
            requireNonNull(config, "config");
        }

        @Override
        public void applyTo(Actuators actuators) throws IOException {
            actuators.forwarder().set(frontend, config);
        }

        @Override
        public Object target() {
            return frontend;
        }

        @Override
        public String word() {
            return "set_frontend";
        }

        @Override
        public String toString() {
            return "serve " + config.service() + " on " + frontend + " from " + config.backends();
        }
    }

    /** Say what is so on the Service itself. */
    record WriteStatus(ServiceKey service, String uid, ServiceStatus status) implements Step {
        public WriteStatus {
            requireNonNull(service, "service");
            requireNonNull(uid, "uid");
            requireNonNull(status, "status");
        }

        @Override
        public void applyTo(Actuators actuators) {
            actuators.statuses().write(service, uid, status);
        }

        @Override
        public Object target() {
            return service;
        }

        /** The writer retries by itself, and what it achieved arrives as an event of the source. */
        @Override
        public boolean changesTheWorld() {
            return false;
        }

        @Override
        public String word() {
            return "write_status";
        }

        @Override
        public String toString() {
            return "write status of " + service;
        }
    }
}
