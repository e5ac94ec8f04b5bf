package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Evidence;
import io.littlelb.core.plan.Explainer;
import io.littlelb.core.plan.Explanation;
import io.littlelb.core.plan.Placer;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

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
 * <p>It owns its parts from then on: {@link #close} takes back whatever it did and closes them. It serves once: it is started once, and is of no use
 * after it was closed. The methods may be called from any thread; listeners are called on the reconciler's thread, which waits for them.
 */
public final class LoadBalancer implements AutoCloseable {
    private final EndpointSource source;
    private final AddressManager addresses;
    private final Forwarder forwarder;
    private final StatusWriter statuses;
    private final ReconcileLoop loop;
    private final Explainer explainer = new Explainer();
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final AtomicReference<Settings> settings = new AtomicReference<>();
    private final AtomicReference<Orders> orders = new AtomicReference<>(Orders.NONE);

    /** Where it stands; it only ever goes forward. */
    public enum State {
        /** Put together; nothing runs. */
        NEW,
        /** Started. */
        SERVING,
        /** Being closed: what it did is taken back. */
        STOPPING,
        /** Closed, and its parts with it. */
        STOPPED
    }

    private LoadBalancer(Builder builder) {
        source = builder.source;
        addresses = builder.addresses;
        forwarder = builder.forwarder;
        statuses = builder.statuses;
        settings.set(builder.settings);
        Reconciler reconciler = new Reconciler(
                source,
                new Actuators(addresses, forwarder, builder.statuses),
                settings::get,
                orders::get,
                Placer.ALONE,
                new Desire(builder.publish),
                new Planner(),
                builder.clock);
        loop = new ReconcileLoop(
                reconciler,
                builder.listener,
                builder.resync,
                () -> settings.get().drainTimeout().plus(Builder.WITHDRAWAL),
                builder.errors);
    }

    /** The three parts that no load balancer can do without; everything else has a default. */
    public static Builder builder(EndpointSource source, AddressManager addresses, Forwarder forwarder) {
        return new Builder(source, addresses, forwarder);
    }

    /** Where it stands now. */
    public State state() {
        return state.get();
    }

    /**
     * Starts serving; returns at once.
     *
     * @throws IllegalStateException when it was started or closed before
     */
    public void start() {
        if (!state.compareAndSet(State.NEW, State.SERVING)) {
            throw new IllegalStateException("a load balancer is started once, and this one is " + state.get());
        }
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
     * Whether its threads get on: that of its reconciler, whose present pass has lasted no longer than 10 seconds, whatever is asked, since a pass over
     * thousands of Services takes its time; and those of the forwarder. False before {@link #start} and once it is closed. Not from a listener's call.
     *
     * @param within how soon the forwarder's threads take up work; they are waited for no longer
     */
    public boolean isTurning(Duration within) {
        return loop.isTurning() && forwarder.isTurning(within);
    }

    /** The last pass; empty before the first one. */
    public Optional<PassResult> lastPass() {
        return loop.lastPass();
    }

    /** What holds for all Services now. */
    public Settings settings() {
        return settings.get();
    }

    /**
     * Has other settings hold for all Services from the next pass on, which follows at once; returns before it. What a Service holds that these do not give any
     * more is treated as if it had asked for it under them.
     */
    public void reconfigure(Settings now) {
        settings.set(requireNonNull(now, "now"));
        trigger();
    }

    /** What persons have ordered, and not taken back. */
    public Orders orders() {
        return orders.get();
    }

    /**
     * Keeps new connections from a Service, whether it is there already or not, until {@link #undrain}: the kernel refuses clients, its addresses stay,
     * what is established goes on. Returns at once; the next pass does it.
     */
    public void drain(ServiceKey service) {
        orders.updateAndGet(now -> now.drain(service));
        trigger();
    }

    /** Takes {@link #drain} back. */
    public void undrain(ServiceKey service) {
        orders.updateAndGet(now -> now.undrain(service));
        trigger();
    }

    /**
     * Why a Service is served as it is, by the last pass and by what is counted now; empty before the first one. On the caller's thread; all Services are allocated once more for it, which
     * of ten thousand takes part of a second.
     */
    public Optional<Explanation> explain(ServiceKey service) {
        return lastPass().map(pass -> explainer.explain(pass.decision(), service, evidence(pass, service)));
    }

    private Evidence evidence(PassResult pass, ServiceKey service) {
        Optional<Problem> complaint = Optional.ofNullable(
                        pass.inputs().cluster().services().get(service))
                .flatMap(asked -> statuses.complaint(service, asked.uid()));
        return new Evidence(forwarder.counters(), addresses.histories(), complaint);
    }

    /** What a Service would get if it were made now, by the last pass; empty before the first one. Takes as long as {@link #explain}. */
    public Optional<Explanation> explainNew(ServiceSpec service) {
        return lastPass().map(pass -> explainer.explainNew(pass.decision(), service));
    }

    /**
     * Stops accepting, lets connections drain for the drain timeout, resets what is left, removes the addresses that carry
     * our mark, takes the statuses back, and closes the parts in the reverse order of the data's way. A second call waits until the first is through.
     *
     * @throws IllegalStateException when a listener calls it, for whom the reconciler waits: another thread can
     */
    @Override
    public void close() {
        if (loop.isOnItsThread()) {
            throw new IllegalStateException("the reconciler's thread cannot wait for itself; close from another one");
        }
        state.updateAndGet(now -> now == State.STOPPED ? State.STOPPED : State.STOPPING);
        loop.close();
        closeParts();
    }

    /** In reverse, whatever one of them throws; the first exception is the one that is thrown. */
    private synchronized void closeParts() {
        if (state.get() == State.STOPPED) {
            return;
        }
        try {
            try (source;
                    addresses;
                    forwarder;
                    statuses) {
                state.set(State.STOPPING);
            }
        } finally {
            state.set(State.STOPPED); // not before the last of them is closed
        }
    }

    /** The optional parts and figures of a {@link LoadBalancer}. */
    public static final class Builder {
        /**
         * What a clean stop may take beyond draining: to remove addresses and to see statuses withdrawn, ten thousand of them at 380 a second. With the
         * default drain timeout that is within the half minute that Kubernetes gives a pod, {@code terminationGracePeriodSeconds}.
         */
        private static final Duration WITHDRAWAL = Duration.ofSeconds(9);

        private final EndpointSource source;
        private final AddressManager addresses;
        private final Forwarder forwarder;
        private StatusWriter statuses = StatusWriter.NONE;
        private Settings settings = Settings.DEFAULT;
        private PublishPolicy publish = PublishPolicy.always(Publish.STATUS);
        private ReconcileListener listener = new PassLog();
        private Duration resync = Duration.ofSeconds(30);
        private InstantSource clock = InstantSource.system();
        private ErrorHandler errors = ErrorHandler.LOG;
        private boolean built;

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
            settings = settings.with(addressPools);
            return this;
        }

        /** What no Service gets, whatever it asks for; there is no boundary by default. */
        public Builder boundaries(Boundaries limits) {
            settings = settings.with(limits);
            return this;
        }

        /** Which fields of a Service tell its address; the status by default. */
        public Builder publish(PublishPolicy where) {
            publish = requireNonNull(where, "where");
            return this;
        }

        /** Who is told of every pass; by default, {@link PassLog} logs what was done, and what stands in a Service's way. */
        public Builder listener(ReconcileListener reconcileListener) {
            listener = requireNonNull(reconcileListener, "reconcileListener");
            return this;
        }

        /** How long established connections may outlive their frontend; 20 seconds by default. */
        public Builder drainTimeout(Duration timeout) {
            settings = settings.with(timeout);
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

        /**
         * Puts the parts together; nothing runs yet.
         *
         * @throws IllegalStateException when it was called before: the parts are another load balancer's
         */
        public LoadBalancer build() {
            if (built) {
                throw new IllegalStateException(
                        "these parts belong to a load balancer already; build another of parts of its own");
            }
            built = true;
            return new LoadBalancer(this);
        }
    }
}
