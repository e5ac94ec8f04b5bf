package io.littlelb.proxy.loop;

/** Who has had his turn and is not finished: goes on in the next one. For the loop's thread. */
public interface Unfinished extends Isolated {
    /** Goes on, now that others have had their turn. */
    void resume();
}
