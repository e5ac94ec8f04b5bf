package io.littlelb.proxy.frontend;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What a connection takes up of the limits that hold for it.
 *
 * @param ofProcess where it was taken: of those that all share, or of those reserved for the Service
 * @param source the client for which it is counted, where the number of each client's connections is limited
 */
public record Place(ServiceLimits ofService, ConnectionLimit ofProcess, Optional<InetAddress> source) {
    public Place(ServiceLimits ofService, ConnectionLimit ofProcess) {
        this(ofService, ofProcess, Optional.empty());
    }

    /** The same, counted for a client too. */
    public Place of(InetAddress client) {
        return new Place(ofService, ofProcess, Optional.of(client));
    }

    /** Gives it back; once. */
    public void leave() {
        source.ifPresent(ofService::leave);
        ofService.connections().leave();
        ofProcess.leave();
    }
}
