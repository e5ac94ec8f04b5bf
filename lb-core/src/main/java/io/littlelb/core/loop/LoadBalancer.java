package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.core.port.AddressManager;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.Forwarder;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.core.worker.ErrorHandler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * A load balancer to embed: serves what a source asks for, on the addresses and with the forwarder it is given.
 *
 * <pre>{@code
 * try (LoadBalancer loadBalancer = LoadBalancer.builder(source, addresses, forwarder).build()) {
 *     loadBalancer.start();
 *     ...
 * }
 * }</pre>
 *
 * <p>It owns its parts from then on: {@link #close} takes back whatever it did and closes them.
 */
public final class LoadBalancer implements AutoCloseable {
    private final EndpointSource source;
    private final AddressManager addresses;
    private final Forwarder forwarder;
    private final StatusWriter statuses;
    private final ReconcileLoop loop;

    private LoadBalancer(Builder builder) {
        source = builder.source;
        addresses = builder.addresses;
        forwarder = builder.forwarder;
        statuses = builder.statuses;
        Reconciler reconciler = new Reconciler(
                source,
                new Actuators(addresses, forwarder, builder.statuses),
                builder.pools,
                builder.boundaries,
                new Desire(builder.publish, builder.boundaries),
                new Planner(builder.drainTimeout),
                builder.clock);
        loop = new ReconcileLoop(
                reconciler,
                builder.listener,
                builder.resync,
                builder.drainTimeout.plus(Builder.WITHDRAWAL),
                builder.errors);
    }

    /** The three parts that no load balancer can do without; everything else has a default. */
    public static Builder builder(EndpointSource source, AddressManager addresses, Forwarder forwarder) {
        return new Builder(source, addresses, forwarder);
    }

    /** Starts serving; returns at once. */
    public void start() {
        source.onChange(loop::trigger);
        addresses.onChange(loop::trigger);
        forwarder.onChange(loop::trigger);
        loop.start();
    }

    /** Looks again now; for a change that no part of this load balancer sees. From any thread; returns at once. */
    public void trigger() {
        loop.trigger();
    }

    /**
     * Stops accepting, lets connections drain for the drain timeout, resets what is left, removes the addresses that carry
     * our mark, takes the statuses back, and closes the parts in the reverse order of the data's way.
     */
    @Override
    public void close() {
        loop.close();
        statuses.close();
        forwarder.close();
        addresses.close();
        source.close();
    }

    /** The optional parts and figures of a {@link LoadBalancer}. */
    public static final class Builder {
        /** What a clean stop may take beyond draining: to remove addresses and to see statuses withdrawn. */
        private static final Duration WITHDRAWAL = Duration.ofSeconds(5);

        private final EndpointSource source;
        private final AddressManager addresses;
        private final Forwarder forwarder;
        private StatusWriter statuses = StatusWriter.NONE;
        private List<AddressPool> pools = List.of();
        private Boundaries boundaries = Boundaries.NONE;
        private PublishPolicy publish = PublishPolicy.always(Publish.STATUS);
        private ReconcileListener listener = ReconcileListener.NONE;
        private Duration drainTimeout = Duration.ofSeconds(20);
        private Duration resync = Duration.ofSeconds(30);
        private InstantSource clock = InstantSource.system();
        private ErrorHandler errors = ErrorHandler.LOG;

        private Builder(EndpointSource source, AddressManager addresses, Forwarder forwarder) {
            this.source = requireNonNull(source, "source");
            this.addresses = requireNonNull(addresses, "addresses");
            this.forwarder = requireNonNull(forwarder, "forwarder");
        }

        /** Where to say what is done for a Service; nowhere by default. */
        public Builder statuses(StatusWriter writer) {
            statuses = requireNonNull(writer, "writer");
            return this;
        }

        /** Where Services that ask for no address get one; by default they share the link's own. */
        public Builder pools(List<AddressPool> addressPools) {
            pools = List.copyOf(addressPools);
            return this;
        }

        /** What no Service gets, whatever it asks for; there is no boundary by default. */
        public Builder boundaries(Boundaries limits) {
            boundaries = requireNonNull(limits, "limits");
            return this;
        }

        /** Which fields of a Service tell its address; the status by default. */
        public Builder publish(PublishPolicy where) {
            publish = requireNonNull(where, "where");
            return this;
        }

        /** Who is told of every pass; nobody by default. */
        public Builder listener(ReconcileListener reconcileListener) {
            listener = requireNonNull(reconcileListener, "reconcileListener");
            return this;
        }

        /** How long established connections may outlive their frontend; 20 seconds by default. */
        public Builder drainTimeout(Duration timeout) {
            drainTimeout = requireNonNull(timeout, "timeout");
            return this;
        }

        /** The longest time between two passes; 30 seconds by default. */
        public Builder resync(Duration period) {
            resync = requireNonNull(period, "period");
            return this;
        }

        /** Where the time comes from; the system by default. */
        public Builder clock(InstantSource instants) {
            clock = requireNonNull(instants, "instants");
            return this;
        }

        /** Who is told when Java itself fails on the reconciler's thread; the log by default. */
        public Builder errors(ErrorHandler handler) {
            errors = requireNonNull(handler, "handler");
            return this;
        }

        /** Puts the parts together; nothing runs yet. */
        public LoadBalancer build() {
            return new LoadBalancer(this);
        }
    }
}
