package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Problem;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * What is known beside what a pass looks at. It is another thing whenever it is asked for and decides nothing, and explains why clients see what they see.
 *
 * @param counters of what the forwarder has done
 * @param histories what has become of addresses of ours
 * @param complaint what keeps from the Service that is asked about what is to stand on it, as its writer says
 */
public record Evidence(
        Map<Counters.Subject, Counters> counters,
        Map<InetAddress, AddressHistory> histories,
        Optional<Problem> complaint) {
    /** Nothing is known. */
    public static final Evidence NONE = new Evidence(Map.of(), Map.of(), Optional.empty());

    public Evidence {
        requireNonNull(counters, "counters"); // not copied: that would read those of all Services
        histories = Map.copyOf(histories);
        requireNonNull(complaint, "complaint");
    }
}
