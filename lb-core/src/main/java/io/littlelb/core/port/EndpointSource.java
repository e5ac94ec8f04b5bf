package io.littlelb.core.port;

import io.littlelb.core.model.ApiRequest;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ServedService;
import io.littlelb.core.model.SourceContact;
import java.util.Map;
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

    /** Whether what {@link #snapshot} returns is of now; from memory. */
    default SourceContact contact() {
        return SourceContact.HERE;
    }

    /** How many requests of each kind have been made of the server that Services come from, those of whoever writes to it included; empty where there is none. */
    default Map<ApiRequest, Long> requests() {
        return Map.of();
    }

    /** Has the listener called after every change of what {@link #snapshot} returns, or of whether {@link #contact} is live, from whatever thread; one listener at most. */
    void onChange(Runnable listener);

    /** Stops following the world; {@link #snapshot} keeps its last answer. More than once is as once. */
    @Override
    default void close() {}
}
