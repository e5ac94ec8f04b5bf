package io.littlelb.proxy.loop;

import io.littlelb.core.model.Ending;

/** Who lives on one event loop until he ends, whatever protocol he speaks. For that loop's thread. */
public abstract class Resident implements Unfinished {
    /** Where one is that does not live there yet, or any more. */
    static final int NOWHERE = -1;

    /** Its place among the residents of its loop, which keeps it. */
    int position = NOWHERE;

    /** Lets it know that it did not end but was lost. */
    public abstract void breakOff(Ending ending);

    /** As it has asked for by {@link EventLoop#later}. */
    @Override
    public void resume() {}

    @Override
    public void broke() {
        breakOff(Ending.ERROR);
    }
}
