package io.littlelb.netlink.link;

import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import java.io.IOException;
import java.util.List;

/** The links of a host, looked at once, and what its kernel can do with them. */
public final class Links {
    private Links() {}

    /** Whether this kernel can mark addresses of a family as ours; those of another family are never added. */
    public static boolean canMark(Family family) throws IOException {
        return OwnershipMark.forThisKernel("").canMark(family);
    }

    /** All links of the calling thread's network namespace with their addresses, without those that carry our mark. */
    public static List<Link> list() throws IOException {
        try (RtnetlinkConnection kernel = RtnetlinkConnection.open()) {
            return new LinkLook("", OwnershipMark.forThisKernel(""), kernel).links();
        }
    }
}
