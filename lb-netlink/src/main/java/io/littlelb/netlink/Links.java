package io.littlelb.netlink;

import io.littlelb.core.model.Link;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The links of a host, looked at once. */
public final class Links {
    private Links() {}

    /** All links of the calling thread's network namespace with their addresses, without those that carry our mark. */
    public static List<Link> list() throws IOException {
        try (LinkAgent agent = LinkAgent.open("", OwnershipMark.forThisKernel(""), Optional.empty())) {
            return agent.links();
        }
    }
}
