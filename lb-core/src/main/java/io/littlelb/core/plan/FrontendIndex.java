package io.littlelb.core.plan;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.SetMultimap;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Set;
import java.util.stream.IntStream;

/** TCP frontends, to look up backends among them: ten thousand Services ask in every pass in which a frontend comes or goes. */
final class FrontendIndex {
    private final SetMultimap<Integer, InetAddress> addressesByPort = HashMultimap.create(16, 1);

    void addAll(Collection<Frontend> frontends) {
        frontends.forEach(frontend -> addressesByPort.put(frontend.port(), frontend.ip()));
    }

    void removeAll(Collection<Frontend> frontends) {
        frontends.forEach(frontend -> addressesByPort.remove(frontend.port(), frontend.ip()));
    }

    boolean isEmpty() {
        return addressesByPort.isEmpty();
    }

    boolean contains(InetAddress ip, int port) {
        return addressesByPort.containsEntry(port, ip);
    }

    /** Whether one of these backends is one of the frontends. */
    boolean hasAnyOf(Backends backends) {
        if (backends instanceof Backends.OnNodes nodes) {
            Set<InetAddress> suspects = addressesByPort.get(nodes.nodePort());
            return !suspects.isEmpty() && nodes.nodes().addresses().stream().anyMatch(suspects::contains);
        }
        return IntStream.range(0, backends.size())
                .mapToObj(backends::at)
                .anyMatch(backend -> contains(backend.ip(), backend.port()));
    }
}
