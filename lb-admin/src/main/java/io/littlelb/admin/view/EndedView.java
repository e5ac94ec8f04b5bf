package io.littlelb.admin.view;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** {@code /v1/connections/ended}, on the unix socket only: connections that are over, the last one first. */
public record EndedView(List<EndedConnectionView> ended) {
    public EndedView {
        requireNonNull(ended, "ended"); // not copied: it may be made as it is written
    }
}
