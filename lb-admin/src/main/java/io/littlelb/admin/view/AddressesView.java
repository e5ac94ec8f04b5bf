package io.littlelb.admin.view;

import java.util.List;

/** {@code /v1/addresses}: every address that is held, asked for or on the link, and the pools. */
public record AddressesView(List<AddressView> addresses, List<PoolView> pools) {
    public AddressesView {
        addresses = List.copyOf(addresses);
        pools = List.copyOf(pools);
    }
}
