package io.littlelb.admin.view;

import java.util.List;

/**
 * {@code /v1/connections}, on the unix socket only: the connections there are.
 *
 * @param total of the instance now, whichever are shown
 */
public record ConnectionsView(long total, List<ConnectionView> connections) {
    public ConnectionsView {
        connections = List.copyOf(connections);
    }
}
