package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * How a source of Services fares: whether what it says is of now.
 *
 * @param place where they come from, as a person would look for it: an API server, a file
 * @param heardAt when it last had an answer or was seen to be as it was; empty before the first time, and where Services are in this process
 * @param trouble why it cannot be asked now, or why what it says is not taken; empty when all is well
 */
public record SourceContact(String place, Optional<Instant> heardAt, Optional<String> trouble) {
    /** Services that are in this process. */
    public static final SourceContact HERE = new SourceContact("this process", Optional.empty(), Optional.empty());

    public SourceContact {
        requireNonNull(place, "place");
        requireNonNull(heardAt, "heardAt");
        requireNonNull(trouble, "trouble");
    }

    /** The same without the time, which would make what goes by it another thing whenever it is looked at. */
    public SourceContact timeless() {
        return new SourceContact(place, Optional.empty(), trouble);
    }

    /** Whether what is known is what there is. */
    public boolean isLive() {
        return trouble.isEmpty();
    }
}
