package io.littlelb.proxy;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What a connection takes up of the limits that hold for it.
 *
 * @param ofProcess where it was taken: of those that all share, or of those reserved for the Service
 * @param source the client for which it is counted, where the number of each client's connections is limited
 */
record Place(ServiceLimits ofService, ConnectionLimit ofProcess, Optional<InetAddress> source) {
    Place(ServiceLimits ofService, ConnectionLimit ofProcess) {
        this(ofService, ofProcess, Optional.empty());
    }

    /** The same, counted for a client too. */
    Place of(InetAddress client) {
        return new Place(ofService, ofProcess, Optional.of(client));
    }

    /** Gives it back; once. */
    void leave() {
        source.ifPresent(ofService::leave);
        ofService.connections().leave();
        ofProcess.leave();
    }
}
