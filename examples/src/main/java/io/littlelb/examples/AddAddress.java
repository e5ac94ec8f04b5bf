package io.littlelb.examples;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Puts an address on a link, marked as ours, and takes it off again when a key is pressed:
 * {@code ./lb example AddAddress veth0 198.18.0.9/32}.
 */
public final class AddAddress {
    private AddAddress() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Optional<Cidr> address = arguments.length == 2 ? Cidr.parse(arguments[1]) : Optional.empty();
        if (address.isEmpty()) {
            System.err.println("usage: AddAddress LINK ADDRESS/LENGTH");
            System.exit(2);
            return;
        }
        Semaphore changed = new Semaphore(0);
        try (RtnetlinkAddressManager manager = RtnetlinkAddressManager.open(arguments[0])) {
            manager.onChange(changed::release);
            manager.add(address.get());
            AddressStatus status = settled(manager, address.get(), changed);
            System.out.println(status.cidr() + " is " + status.state() + " " + status.detail());
            System.out.println("Press Enter to remove it");
            int key = System.in.read();
            manager.remove(address.get());
            while (key != 0
                    && find(manager, address.get()).filter(AddressStatus::owned).isPresent()) {
                changed.acquire();
            }
        }
    }

    private static AddressStatus settled(RtnetlinkAddressManager manager, Cidr address, Semaphore changed)
            throws InterruptedException {
        while (true) {
            Optional<AddressStatus> status = find(manager, address);
            boolean waiting = status.isEmpty()
                    || status.get().state() == AddressStatus.State.PENDING
                    || status.get().state() == AddressStatus.State.TENTATIVE;
            if (!waiting) {
                return status.get();
            }
            changed.acquire();
        }
    }

    private static Optional<AddressStatus> find(RtnetlinkAddressManager manager, Cidr address) {
        return manager.addresses().stream()
                .filter(status -> status.cidr().equals(address))
                .findFirst();
    }
}
