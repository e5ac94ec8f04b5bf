package io.littlelb.proxy.loop;

import io.littlelb.core.model.Ending;

/** Who lives on one event loop until he ends, whatever protocol he speaks. For that loop's thread. */
public abstract class Resident implements Isolated {
    /** Its place among the residents of its loop, which keeps it. */
    int position;

    /** Lets it know that it did not end but was lost. */
    public abstract void breakOff(Ending ending);

    /** Goes on, as it has asked for by {@link EventLoop#later}, now that others have had their turn. */
    public void resume() {}

    @Override
    public void broke() {
        breakOff(Ending.FAULT);
    }
}
