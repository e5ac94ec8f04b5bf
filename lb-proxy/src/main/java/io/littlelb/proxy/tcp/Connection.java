package io.littlelb.proxy.tcp;

import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Ending;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.Place;
import io.littlelb.proxy.loop.Deadlines;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.EventLoop;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client, from its arrival to its end: whose it is, what it takes up, and what it is doing. Owned by one event loop.
 *
 * <p>The end of one direction is passed on as such (half-close) and the other goes on; when a side breaks off, so is the other, so that
 * neither takes a loss for an end. It is once it has all that the first one had said before: our kernel has acknowledged it, so nobody else has it any
 * more, and what tells of a reset overtakes what came before it, here as well as in the send queue of a socket that is reset.
 */
final class Connection extends Client implements Deadlines.Due {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    final TcpLoop home;
    final EventLoop loop;
    final Timeouts timeouts;
    final End client;

    private final OpenFrontend frontend;
    private final Place place;
    private final Arrival arrival;
    private final Deadline deadline = new Deadline(this);
    private Phase phase = Phase.NONE;
    private boolean hasEnded;
    /** Whether the loop will call {@link #resume}: once is enough, whatever happens in between. */
    private boolean waitsForItsTurn;

    /**
     * @param place is given back when it ends
     * @param client is closed when it ends
     * @param heard how many bytes a proxy before us has said of the client, and were taken
     */
    Connection(
            TcpLoop home,
            Timeouts timeouts,
            OpenFrontend frontend,
            Place place,
            Arrival arrival,
            Fd client,
            int heard) {
        this.home = home;
        this.loop = home.events();
        this.timeouts = timeouts;
        this.frontend = frontend;
        this.place = place;
        this.arrival = arrival;
        this.client = new End(client, this, heard);
    }

    @Override
    public OpenFrontend frontend() {
        return frontend;
    }

    /** Begins; to be called once, on the loop's thread. */
    void start(Dial dial) {
        phase = dial;
        loop.began(this);
        try {
            client.watch();
        } catch (SyscallException e) {
            shortage("cannot watch a client", e.errno());
            return;
        }
        dial.next();
    }

    /** Never begins: the loop that it was meant for takes nothing more. From any thread. */
    void refuse() {
        hasEnded = true;
        client.fd.close();
        loop.load().decrementAndGet();
        place.leave();
        frontend.connectionEnded(Ending.SHUTDOWN);
        home.ended().turnedAway(arrival, frontend, Ending.SHUTDOWN, "");
    }

    /** Goes on to the next phase, which has taken over what this one has had. */
    void become(Phase next) {
        phase = next;
    }

    boolean isIn(Phase that) {
        return phase == that;
    }

    /** One of the two sockets is ready for something, or has failed. */
    void on(End end, int events) {
        phase.on(end, events);
    }

    @Override
    public void onTime() {
        phase.onTime();
    }

    @Override
    public void resume() {
        waitsForItsTurn = false;
        phase.resume();
    }

    /** Lets others have their turn first, if there is more to be done. */
    void goOnLaterIf(boolean more) {
        if (more && !waitsForItsTurn) {
            waitsForItsTurn = true;
            loop.later(this);
        }
    }

    void wakeAt(long nanos) {
        loop.deadlines().set(deadline, nanos);
    }

    void doNotWake() {
        loop.deadlines().cancel(deadline);
    }

    void shortage(String what, int errno) {
        frontend.shortages.of(what, errno);
        fail(Ending.SHORTAGE, what + ": " + Errno.describe(errno), errno);
    }

    void fail(Ending why, String what, int errno) {
        log.debug("{}: {}: {}", frontend, what, Errno.describe(errno));
        end(why, true, what);
    }

    /** Breaks off both sides, so that each knows that the stream did not end but was lost. */
    @Override
    public void breakOff(Ending why) {
        end(why, true, "");
    }

    /** Both sides have all that there is for them. */
    void close(Ending why) {
        end(why, false, "");
    }

    /** Gives back all that was taken, whatever of that fails. */
    private void end(Ending why, boolean broken, String what) {
        if (hasEnded) {
            return;
        }
        hasEnded = true;
        Phase last = phase;
        phase = Phase.NONE;
        Optional<Phase.Seen> seen = home.ended().areTold() ? Optional.of(last.seen()) : Optional.empty();
        try {
            loop.deadlines().cancel(deadline);
            if (broken) {
                client.resetOnClose();
            }
            last.giveBack(broken);
        } finally {
            client.close();
            loop.ended(this);
            place.leave();
            frontend.connectionEnded(why);
            seen.ifPresent(before -> home.ended().over(arrival, frontend, before, why, what));
        }
    }

    @Override
    public ConnectionInfo info(long now) {
        return phase.seen().info(arrival, frontend, now);
    }

    @Override
    public String id() {
        return arrival.id();
    }

    @Override
    public String toString() {
        return "a connection of " + frontend;
    }
}
