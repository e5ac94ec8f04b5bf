package io.littlelb.examples;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Link;
import io.littlelb.netlink.link.Links;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import java.io.IOException;

/** Lists every link with its addresses, and says which of them are ours: {@code ./lb example ListAddresses}. */
public final class ListAddresses {
    private ListAddresses() {}

    public static void main(String[] arguments) throws IOException {
        for (Link link : Links.list()) {
            System.out.println(link.name() + " " + link.state());
            try (RtnetlinkAddressManager manager = RtnetlinkAddressManager.open(link.name())) {
                for (AddressStatus address : manager.addresses()) {
                    System.out.println("  " + address.cidr() + (address.owned() ? " (ours)" : ""));
                }
            }
        }
    }
}
