package io.littlelb.admin.view;

import java.util.List;

/** {@code /v1/services}: the Services that are this instance's to serve, by name. */
public record ServicesView(List<ServiceView> services) {
    public ServicesView {
        services = List.copyOf(services);
    }
}
