package io.littlelb.testkit.memory;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.port.AddressManager;
import io.littlelb.testkit.contract.AddressManagerContract;
import java.util.List;
import java.util.Set;

/** The link in memory keeps the contract. */
class InMemoryAddressManagerTest extends AddressManagerContract {
    private final InMemoryAddressManager manager =
            new InMemoryAddressManager(new Link("eth0", 2, Link.State.UP, List.of(HOST_IPV4, HOST_IPV6), Set.of()));

    @Override
    protected AddressManager manager() {
        return manager;
    }

    @Override
    protected void putForeign(Cidr address) {
        manager.put(AddressStatus.of(address, false, AddressStatus.State.PRESENT));
    }

    @Override
    protected void removeByStranger(Cidr address) {
        manager.removeByHand(address);
    }

    @Override
    protected void leaveFromEarlier(Cidr address) {
        manager.put(AddressStatus.of(address, true, AddressStatus.State.ADOPTED));
    }

    @Override
    protected void refuse() {
        manager.refuse(REFUSED, "Permission denied");
    }

    @Override
    protected void allow() {
        manager.allow(REFUSED);
    }

    @Override
    protected void startRival(Cidr address) {
        manager.rival(address.address(), "02:00:00:00:00:77");
    }

    @Override
    protected void stopRival(Cidr address) {
        manager.noRival(address.address());
    }

    @Override
    protected void settle() {
        manager.settle();
    }
}
