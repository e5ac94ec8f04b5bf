package io.littlelb.admin.view;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * {@code /v1/connections}, on the unix socket only: the connections there are.
 *
 * @param total of the instance now, whichever are shown
 */
public record ConnectionsView(long total, List<ConnectionView> connections) {
    public ConnectionsView {
        requireNonNull(connections, "connections"); // not copied: it may be made as it is written
    }
}
