package io.littlelb.proxy.frontend;

import java.util.OptionalInt;

/**
 * How the connections of the process are divided among its Services, so that whatever the others do each one can have some.
 *
 * @param mostOfService how many one Service may have at once
 * @param reserved how many each one always can have; while what was taken before a Service came has not ended, the process has so many more
 * @param common how many belong to whoever comes first
 */
public record Shares(int mostOfService, int reserved, int common) {
    /** Enough for a health check, a person who looks for what is wrong, and a trickle of clients; and of descriptors, next to nothing. */
    private static final int RESERVED = 8;

    /**
     * One Service may have all. Each of several may have half unless another number is given, and 8 are its own as long as that is no more than half of all that there
     * are; then fewer, and at least one while there are as many as Services.
     */
    public static Shares of(int connections, int services, OptionalInt mostOfService) {
        int half = services < 2 ? connections : Math.max(1, connections / 2);
        int most = mostOfService.orElse(half);
        int reserved = services < 2 ? 0 : Math.min(RESERVED, connections / 2 / services);
        int atLeast = services < 2 || services > connections ? 0 : 1;
        int each = Math.max(reserved, atLeast);
        return new Shares(most, each, connections - each * services);
    }
}
