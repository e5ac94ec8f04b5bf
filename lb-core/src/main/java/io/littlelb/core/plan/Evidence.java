package io.littlelb.core.plan;

import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.Counters;
import java.net.InetAddress;
import java.util.Map;

/**
 * What is known beside what a pass looks at. It is another thing whenever it is asked for and decides nothing, and explains why clients see what they see.
 *
 * @param counters of what the forwarder has done
 * @param histories what has become of addresses of ours
 */
public record Evidence(Map<Counters.Subject, Counters> counters, Map<InetAddress, AddressHistory> histories) {
    /** Nothing is known. */
    public static final Evidence NONE = new Evidence(Map.of(), Map.of());

    public Evidence {
        counters = Map.copyOf(counters);
        histories = Map.copyOf(histories);
    }
}
