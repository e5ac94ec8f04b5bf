package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.k8s.Readings.Complaint;
import io.littlelb.k8s.WishQueue.Wish;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The threads {@code lb-writer-1} to {@code lb-writer-8}: write statuses to Services, and Events about what is wrong with them. Each
 * Service is one thread's at a time, so what is said of it is said in order.
 *
 * <p>Level-triggered like everything else: it keeps the last wish for each Service, compares it with the Service in the cache, and
 * writes the difference. What was tried on one version of a Service is not tried again on the same version, so a refusal costs one
 * request and not one per pass.
 *
 * <p>Start reading at {@link Granting}.
 */
public final class ServiceStatusWriter implements StatusWriter {
    /** So many at a time, so that a server that is slow is asked less, and one that is far away is not waited for again and again. */
    private static final int MOST_AT_A_TIME = 8;

    private final KubernetesEndpointSource source;
    private final WishQueue wishes = new WishQueue(System::nanoTime);
    private final Complaints complaints;
    private final Granting granting;
    private final List<Worker> workers;

    private ServiceStatusWriter(
            KubernetesClient client,
            KubernetesEndpointSource source,
            String instance,
            InstantSource clock,
            ErrorHandler errors) {
        this.source = requireNonNull(source, "source");
        this.complaints = new Complaints(new ServiceEvents(client, instance, clock));
        this.granting = new Granting(source, wishes, new StatusRequests(client, complaints, clock), complaints);
        this.workers = IntStream.rangeClosed(1, MOST_AT_A_TIME)
                .mapToObj(number -> new Worker("lb-writer-" + number, Waiting.forWakeUps(), this::turn, errors))
                .toList();
    }

    /** As the other one, with errors of Java itself told in the log. */
    public static ServiceStatusWriter open(
            KubernetesClient client, KubernetesEndpointSource source, String instance, InstantSource clock) {
        return open(client, source, instance, clock, ErrorHandler.LOG);
    }

    /**
     * Starts a writer for the Services of a source.
     *
     * @param instance who reports Events: the name of this host
     * @param errors is told when Java itself fails on one of the threads
     */
    public static ServiceStatusWriter open(
            KubernetesClient client,
            KubernetesEndpointSource source,
            String instance,
            InstantSource clock,
            ErrorHandler errors) {
        ServiceStatusWriter writer = new ServiceStatusWriter(client, source, instance, clock, errors);
        source.onComplaint(writer::complain);
        writer.workers.forEach(Worker::start);
        return writer;
    }

    @Override
    public void write(ServiceKey key, String uid, ServiceStatus status) {
        if (wishes.put(key, uid, status)) {
            wake();
        }
    }

    @Override
    public void forget(ServiceKey key, String uid) {
        wishes.forget(uid);
    }

    @Override
    public Optional<Problem> complaint(ServiceKey key, String uid) {
        return complaints.standing(uid);
    }

    @Override
    public int waiting() {
        return wishes.waiting();
    }

    @Override
    public boolean isAnswering() {
        return source.server().isAnswering();
    }

    private void complain(Complaint complaint) {
        complaints.add(complaint);
        wake();
    }

    private void wake() {
        workers.forEach(Worker::wake);
    }

    /** Stops writing; what is still wished for is not written. */
    @Override
    public void close() {
        wishes.close();
        Worker.closeAll(workers, Duration.ZERO);
    }

    /** One wish a turn, so that the end is noticed soon. */
    private long turn(long now) {
        if (workers.get(0).isClosing()) {
            return Task.DONE;
        }
        complaints.tellNext(source::service);
        Optional<Wish> wish = wishes.take(now);
        if (wish.isEmpty()) {
            return complaints.isEmpty() ? wishes.untilNext(now) : 0;
        }
        try {
            granting.grant(wish.get());
        } finally {
            wishes.release(wish.get());
        }
        return 0;
    }
}
