package io.littlelb.examples;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import java.io.IOException;
import java.util.concurrent.Semaphore;

/**
 * Prints a link and its addresses whenever the kernel says that they have changed, until it is killed; changes nothing:
 * {@code ./lb example WatchLink veth0}. The link may come and go meanwhile.
 */
public final class WatchLink {
    private WatchLink() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: WatchLink LINK");
            System.exit(2);
            return;
        }
        Semaphore changes = new Semaphore(1);
        try (RtnetlinkAddressManager manager = RtnetlinkAddressManager.open(arguments[0])) {
            manager.onChange(changes::release);
            while (true) {
                changes.acquire();
                changes.drainPermits(); // many changes, one look
                System.out.println(manager.link().name() + " " + manager.link().state());
                for (AddressStatus address : manager.addresses()) {
                    System.out.println(
                            "  " + address.cidr() + " " + address.state() + (address.owned() ? " (ours)" : ""));
                }
            }
        }
    }
}
