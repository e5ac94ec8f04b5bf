package io.littlelb.netlink.link;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.AddressStatus.State;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Since when each address of ours is in its state, and how often one came to be another host's too. {@code lb-link} shows it what there is; anybody may ask.
 */
final class Histories {
    private final InstantSource clock;
    /** Swapped as a whole; of {@code lb-link}, but to be read. */
    private volatile ImmutableMap<InetAddress, Since> since = ImmutableMap.of();

    private final LongAdder conflicts = new LongAdder();

    Histories(InstantSource clock) {
        this.clock = clock;
    }

    private record Since(State state, Instant at) {}

    /** What there is now; from one thread at a time. */
    void see(List<AddressStatus> addresses) {
        Map<InetAddress, State> states = new HashMap<>();
        addresses.stream()
                .filter(AddressStatus::owned)
                .forEach(status -> states.merge(status.cidr().address(), status.state(), Histories::better));
        Map<InetAddress, Since> before = since;
        Instant now = clock.instant();
        ImmutableMap.Builder<InetAddress, Since> after = ImmutableMap.builderWithExpectedSize(states.size());
        for (Map.Entry<InetAddress, State> each : states.entrySet()) {
            Since known = before.get(each.getKey());
            boolean same = known != null && known.state() == each.getValue();
            if (!same && each.getValue() == State.CONFLICT) {
                conflicts.increment();
            }
            after.put(each.getKey(), same ? known : new Since(each.getValue(), now));
        }
        since = after.buildOrThrow();
    }

    /** Of one at several prefix lengths, what is there counts. */
    private static State better(State one, State other) {
        return one == State.PRESENT ? one : other;
    }

    /** How often one came to be another host's too. */
    long conflicts() {
        return conflicts.sum();
    }

    /** @param announced when each was announced last */
    Map<InetAddress, AddressHistory> all(Map<InetAddress, Instant> announced) {
        ImmutableMap<InetAddress, Since> now = since;
        ImmutableMap.Builder<InetAddress, AddressHistory> all = ImmutableMap.builderWithExpectedSize(now.size());
        now.forEach((ip, state) -> all.put(ip, new AddressHistory(state.at(), Optional.ofNullable(announced.get(ip)))));
        return all.buildOrThrow();
    }

    /** Whether an address is one of ours now. */
    boolean isKnown(InetAddress ip) {
        return since.containsKey(ip);
    }
}
