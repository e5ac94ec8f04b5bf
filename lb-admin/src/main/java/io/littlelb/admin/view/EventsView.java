package io.littlelb.admin.view;

import java.util.List;

/**
 * {@code /v1/events}: the last decisions and incidents, the oldest first.
 *
 * @param journal another one after a restart, when the sequence begins anew
 * @param last the sequence number of the newest event there is; ask for those after it
 */
public record EventsView(String journal, long last, List<EventView> events) {
    public EventsView {
        events = List.copyOf(events);
    }
}
