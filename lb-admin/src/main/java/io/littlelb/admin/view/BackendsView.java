package io.littlelb.admin.view;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** {@code /v1/backends}: every backend of every frontend. */
public record BackendsView(List<BackendView> backends) {
    public BackendsView {
        requireNonNull(backends, "backends"); // not copied: it may be made as it is written
    }
}
