package io.littlelb.proxy.loop;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose work is done on a loop: a fault of ours in it ends this one, and nobody else. */
public interface Isolated {
    Logger log = LoggerFactory.getLogger(Isolated.class);

    /** Its work has failed with a fault of ours: it ends, and gives back all that it has taken. Does nothing to one that has ended. */
    default void broke() {}

    /** Ends the one whose work has failed, and says so; an {@link Error} goes on to whom it concerns. */
    static void end(Isolated whose, Throwable fault) {
        try {
            whose.broke();
        } catch (RuntimeException | Error again) {
            log.error("{} could not be ended either", whose, again);
        }
        if (fault instanceof Error error) {
            throw error;
        }
        log.error("{} has failed by a fault of this program, and is ended", whose, fault);
    }
}
