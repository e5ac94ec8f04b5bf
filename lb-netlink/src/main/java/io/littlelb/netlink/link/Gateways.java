package io.littlelb.netlink.link;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.littlelb.core.model.Link;
import io.littlelb.netlink.rtnetlink.RouteMessage;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the default routes by a link lead. A host may have a million other routes that would have to be read with them, so what was told is remembered
 * until something came that may have changed it. Part of a {@link LinkLook}.
 */
final class Gateways {
    private static final Logger log = LoggerFactory.getLogger(Gateways.class);

    private final RtnetlinkConnection kernel;
    private Set<InetAddress> last = Set.of();
    private boolean isKnown;
    private int ofLink;

    Gateways(RtnetlinkConnection kernel) {
        this.kernel = kernel;
    }

    /** They may be others by now. */
    void changed() {
        isKnown = false;
    }

    /** What was told of this link, if it was and still holds. */
    Set<InetAddress> known(Link link) {
        return isKnown && link.index() == ofLink ? last : asked(link);
    }

    /** Those that were known, where they cannot be told now: a table that keeps changing is no reason to stop. */
    Set<InetAddress> asked(Link link) {
        try {
            last = ask(kernel, link.index());
            ofLink = link.index();
            isKnown = true;
        } catch (IOException e) {
            log.warn("Cannot tell the default routes of {} now: {}", link.name(), e.getMessage());
            isKnown = false;
        }
        return last;
    }

    static Set<InetAddress> ask(RtnetlinkConnection kernel, int linkIndex) throws IOException {
        return kernel.routes(linkIndex).stream()
                .filter(RouteMessage::isDefault)
                .flatMap(route -> route.hops().stream())
                .filter(hop -> hop.linkIndex() == linkIndex)
                .map(RouteMessage.Hop::gateway)
                .collect(toUnmodifiableSet());
    }
}
