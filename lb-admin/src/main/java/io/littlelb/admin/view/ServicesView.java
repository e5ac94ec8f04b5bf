package io.littlelb.admin.view;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** {@code /v1/services}: the Services that are this instance's to serve, by name. */
public record ServicesView(List<ServiceView> services) {
    public ServicesView {
        requireNonNull(services, "services"); // not copied: it may be made as it is written
    }
}
