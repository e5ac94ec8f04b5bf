package io.littlelb.netlink.link;

import io.littlelb.core.model.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be done so that the link has what is wished; each entry of an {@link AddressLedger} adds its part.
 *
 * @param ask to ask the link for, whether another host has them
 * @param cancel not to be asked for any more
 */
record LinkWork(List<Cidr> add, List<Cidr> remove, List<InetAddress> ask, List<InetAddress> cancel) {
    /** Nothing yet. */
    static LinkWork empty() {
        return new LinkWork(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    /** Whether it changes what the kernel has. */
    boolean changesTheLink() {
        return !add.isEmpty() || !remove.isEmpty();
    }
}
