package io.littlelb.proxy.loop;

import java.util.function.Predicate;

/** Somebody from another thread sees the residents of a loop, a few a turn, so that none of them waits for it. For the loop's thread. */
final class Visit implements Unfinished {
    /** Two dozen microseconds to describe so many, and less than a millisecond to reset them. */
    private static final int A_TURN = 64;

    private final EventLoop loop;
    private final Residents residents;
    private final Predicate<Resident> visitor;
    private final Runnable whenOver;
    private int next = Integer.MAX_VALUE;

    Visit(EventLoop loop, Residents residents, Predicate<Resident> visitor, Runnable whenOver) {
        this.loop = loop;
        this.residents = residents;
        this.visitor = visitor;
        this.whenOver = whenOver;
    }

    @Override
    public void resume() {
        next = residents.visit(next, A_TURN, visitor);
        if (next >= 0) {
            loop.later(this);
        } else {
            whenOver.run();
        }
    }

    @Override
    public void broke() {
        whenOver.run();
    }
}
