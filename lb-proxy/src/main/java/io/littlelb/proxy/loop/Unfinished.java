package io.littlelb.proxy.loop;

/** Who has had his turn and is not finished: goes on in the next one. For the loop's thread. */
public interface Unfinished extends Isolated {
    /** Goes on, now that others have had their turn. */
    void resume();

    /** Has one go on; a fault in it ends that one. */
    static void goOn(Unfinished who) {
        try {
            who.resume();
        } catch (RuntimeException | Error fault) {
            Isolated.end(who, fault);
        }
    }
}
