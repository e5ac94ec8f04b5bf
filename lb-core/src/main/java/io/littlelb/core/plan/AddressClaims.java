package io.littlelb.core.plan;

import com.google.common.collect.ImmutableSetMultimap;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.ServiceKey;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;

/**
 * Which Services use which address. An address may go when nobody claims it: the count of references is the size of a set,
 * so nothing has to be counted up and down, and nothing can be counted wrong.
 */
final class AddressClaims {
    private final ImmutableSetMultimap<InetAddress, ServiceKey> claims;

    private AddressClaims(ImmutableSetMultimap<InetAddress, ServiceKey> claims) {
        this.claims = claims;
    }

    /** The claims of Services by what they were allocated. */
    static AddressClaims of(Allocations allocations) {
        ImmutableSetMultimap.Builder<InetAddress, ServiceKey> claims = ImmutableSetMultimap.builder();
        allocations
                .byService()
                .forEach((service, families) -> families.values()
                        .forEach(allocation -> allocation.ip().ifPresent(ip -> claims.put(ip, service))));
        return new AddressClaims(claims.build());
    }

    /** The claims of frontends that have a socket, be it only a draining connection. */
    static AddressClaims of(Map<Frontend, FrontendStatus> frontends) {
        ImmutableSetMultimap.Builder<InetAddress, ServiceKey> claims = ImmutableSetMultimap.builder();
        frontends.forEach((frontend, status) -> {
            if (status.state() != FrontendStatus.State.FAILED) {
                claims.put(frontend.ip(), status.config().service());
            }
        });
        return new AddressClaims(claims.build());
    }

    /** The addresses that somebody claims. */
    Set<InetAddress> addresses() {
        return claims.keySet();
    }
}
