package io.littlelb.core.port;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ServedService;
import java.util.Optional;

/** Where Services and their endpoints come from: a Kubernetes cluster, a file, or a test's list. */
public interface EndpointSource extends AutoCloseable {
    /** Services that never change; see {@link ServiceList} for those that do. Of two with one name, the last counts. */
    static EndpointSource fixed(ServedService... services) {
        ServiceList list = new ServiceList();
        for (ServedService service : services) {
            list.put(service);
        }
        return list;
    }

    /**
     * Everything that is asked for now, from memory.
     *
     * @return empty while the source has not seen all of it yet: an empty cache is no evidence that nobody asks for anything
     */
    Optional<ClusterSnapshot> snapshot();

    /** Has the listener called after every change of what {@link #snapshot} returns, from whatever thread; one listener at most. */
    void onChange(Runnable listener);

    /** Stops following the world; {@link #snapshot} keeps its last answer. More than once is as once. */
    @Override
    default void close() {}
}
