package io.littlelb.admin.view;

import java.util.List;
import java.util.Optional;

/**
 * One Service.
 *
 * @param service {@code NAMESPACE/NAME}
 * @param served whether it is served as asked
 * @param stateSeconds for how long it has been served, or not
 * @param drained whether a person keeps new connections from it
 * @param problems what stands in its way
 * @param backendsAnswering of {@code backendsListed}; each counted once for each port
 * @param accepted connections so far
 * @param refused clients that were turned away before a backend was asked
 */
public record ServiceView(
        String service,
        boolean served,
        Optional<Double> stateSeconds,
        boolean drained,
        List<OfAddress> addresses,
        List<OfPort> ports,
        List<OfProblem> problems,
        int backendsAnswering,
        int backendsListed,
        long connections,
        long accepted,
        long refused,
        long bytesIn,
        long bytesOut,
        RatesView rates) {
    /**
     * An address that it holds.
     *
     * @param terms {@code exclusive}, {@code shared}, {@code link}
     * @param state as of {@link AddressView#state()}
     */
    public record OfAddress(String ip, String terms, String state) {}

    /**
     * A port of one of its addresses, or of the Service while it has no address.
     *
     * @param frontend {@code ADDRESS:PORT}; left out while it has none
     * @param state {@code open}, {@code refusing} (no listener, for want of backends), {@code draining}, {@code failed}, {@code absent}
     * @param problem why it is not served
     */
    public record OfPort(
            int port, String protocol, Optional<String> frontend, String state, Optional<String> problem) {}

    /** See {@link ComplaintView}. */
    public record OfProblem(String reason, String message) {}
}
