package io.littlelb.admin.view;

import java.util.List;

/** {@code /v1/connections/ended}, on the unix socket only: connections that are over, the last one first. */
public record EndedView(List<EndedConnectionView> ended) {
    public EndedView {
        ended = List.copyOf(ended);
    }
}
