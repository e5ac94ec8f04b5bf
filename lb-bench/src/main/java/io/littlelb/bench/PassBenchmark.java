package io.littlelb.bench;

import io.littlelb.core.loop.PassResult;
import io.littlelb.core.loop.Reconciler;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Placer;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import io.littlelb.testkit.memory.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A pass over Services that all have an address of their own from a pool, when nothing is left to do. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PassBenchmark {
    private static final Backend FIRST =
            new Backend(Addresses.parse("192.0.2.1").orElseThrow(), 8080);
    private static final Backend SECOND =
            new Backend(Addresses.parse("192.0.2.2").orElseThrow(), 8080);
    private static final Cidr HOST = Cidr.parse("198.18.0.1/15").orElseThrow();

    @Param({"10", "100", "1000", "10000"})
    private int services;

    private final TestClock clock = new TestClock();
    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryForwarder forwarder = new InMemoryForwarder();
    private final InMemoryAddressManager addresses =
            new InMemoryAddressManager(new Link("br0", 7, Link.State.UP, List.of(HOST), Set.of()));
    private final AddressPool pool = new AddressPool(
            "default", List.of(AddressRange.parse("198.18.0.0/15").orElseThrow()));
    private final ServiceSpec first = service(0);
    private Reconciler reconciler;
    private int changes;

    /** Lets everything become as it should be. */
    @Setup
    public void settle() {
        for (int i = 0; i < services; i++) {
            cluster.put(i == 0 ? first : service(i), PortBackends.ofBoth(Backends.none()));
        }
        reconciler = reconciler();
        PassResult last;
        do {
            last = reconciler.pass();
            addresses.settle();
            clock.advance(Duration.ofMinutes(2));
        } while (!last.converged());
    }

    private Reconciler reconciler() {
        return new Reconciler(
                cluster,
                new Actuators(addresses, forwarder, cluster),
                () -> Settings.DEFAULT.with(List.of(pool)),
                () -> Orders.NONE,
                Placer.ALONE,
                new Desire(PublishPolicy.always(Publish.STATUS)),
                new Planner(),
                clock);
    }

    private static ServiceSpec service(int number) {
        return new ServiceSpec(
                new ServiceKey("default", "service-" + number),
                "uid-" + number,
                Instant.EPOCH.plusSeconds(number),
                AddressRequest.none(),
                Set.of(Family.IPV4),
                true,
                Optional.empty(),
                List.of(new ServicePort("http", Protocol.TCP, 80)),
                Policies.DEFAULT);
    }

    /** Nothing has changed, and it is looked whether it has. */
    @Benchmark
    public PassResult settledPass() {
        return reconciler.pass();
    }

    /** One endpoint has come or gone. */
    @Benchmark
    public PassResult endpointChange() {
        List<Backend> backends = ++changes % 2 == 0 ? List.of(FIRST) : List.of(FIRST, SECOND);
        cluster.put(first, PortBackends.ofBoth(new Backends.Listed(backends)));
        return reconciler.pass();
    }

    /** Everything is looked at as if for the first time, with nothing to do. */
    @Benchmark
    public PassResult firstPass() {
        return reconciler().pass();
    }
}
