package io.littlelb.admin.view;

import java.util.List;

/** {@code /v1/backends}: every backend of every frontend. */
public record BackendsView(List<BackendView> backends) {
    public BackendsView {
        backends = List.copyOf(backends);
    }
}
