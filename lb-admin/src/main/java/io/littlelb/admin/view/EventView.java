package io.littlelb.admin.view;

import java.time.Instant;
import java.util.Optional;

/**
 * Something that was decided or happened.
 *
 * @param sequence grows by one from event to event
 * @param level {@code info} or {@code warn}
 * @param service whom it is about, if it is one Service
 * @param reason the word that stands for it in Events and conditions, if it has one
 */
public record EventView(
        long sequence, Instant at, String level, Optional<String> service, Optional<String> reason, String text) {}
