package io.littlelb.core.plan;

import io.littlelb.core.model.Family;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.util.Optional;

/**
 * One address of one family that one Service would like to have.
 *
 * @param ip which; empty means any of its pools
 * @param isHolder whether the Service has held it until now
 */
record Wish(ServiceSpec service, Family family, Optional<InetAddress> ip, boolean isHolder)
        implements Comparable<Wish> {
    /** Holders first, then the oldest, then by name. */
    @Override
    public int compareTo(Wish other) {
        if (isHolder != other.isHolder) {
            return isHolder ? -1 : 1;
        }
        int age = service.createdAt().compareTo(other.service.createdAt());
        return age == 0 ? service.key().compareTo(other.service.key()) : age;
    }
}
