package io.littlelb.core.plan;

import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Placement;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which addresses somebody uses. An address may go when nobody claims it: claims are gathered anew in every pass, so nothing has to be
 * counted up and down, and nothing can be counted wrong.
 */
final class AddressClaims {
    private AddressClaims() {}

    /** The claims of Services by what they were allocated, as far as it is carried here. */
    static Set<InetAddress> of(Allocations allocations, Placement placement) {
        Set<InetAddress> claimed = new HashSet<>();
        allocations.byService().values().forEach(families -> {
            for (Allocation allocation : families.values()) {
                allocation.ip().filter(placement::isHere).ifPresent(claimed::add);
            }
        });
        return claimed;
    }

    /** The claims of frontends that have a socket, be it only a draining connection. */
    static Set<InetAddress> of(Map<Frontend, FrontendStatus> frontends) {
        Set<InetAddress> claimed = new HashSet<>();
        frontends.forEach((frontend, status) -> {
            if (status.state() != FrontendStatus.State.FAILED) {
                claimed.add(frontend.ip());
            }
        });
        return claimed;
    }
}
