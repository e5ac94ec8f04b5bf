package io.littlelb.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.littlelb.linux.EventFd;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Turns by hand, but where it says otherwise. */
@Timeout(60)
class EventLoopTest {
    /** More than one answer of epoll_wait(2) has room for. */
    private static final int CROWD = 3 * Epoll.BATCH;

    private final List<EventFd> opened = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final Queue<Error> told = new ConcurrentLinkedQueue<>();
    private EventLoop loop;

    @BeforeEach
    void open() throws Exception {
        loop = new EventLoop(0, Duration.ZERO, (thread, error) -> told.add(error));
    }

    @AfterEach
    void close() {
        loop.close();
        opened.forEach(EventFd::close);
    }

    @Test
    void whatIsDueIsJudgedOnceAllThatHasComeWasHandedOut() throws Exception {
        Deadline due = new Deadline(() -> done.add("took it for silent"));
        for (int i = 1; i <= CROWD; i++) {
            boolean last = i == CROWD;
            ready(Epoll.EPOLLIN | Epoll.EPOLLET, events -> {
                if (last) {
                    loop.deadlines().cancel(due);
                    done.add("answered");
                }
            });
        }
        loop.deadlines().set(due, System.nanoTime());

        while (done.isEmpty()) {
            turn();
        }
        turn();

        assertThat(done).containsExactly("answered");
    }

    @Test
    void timeGoesOnWhateverComes() throws Exception {
        for (int i = 0; i < CROWD; i++) {
            ready(Epoll.EPOLLIN, events -> {}); // again and again
        }
        loop.deadlines().set(new Deadline(() -> done.add("in time")), System.nanoTime());

        for (int i = 0; i < 10; i++) {
            turn();
        }

        assertThat(done).containsExactly("in time");
    }

    @Test
    void aWaitThatWasInVainIsFollowedByALook() throws Exception {
        loop.deadlines().set(new Deadline(() -> done.add("due")), System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1));

        loop.turn(loop.await(TimeUnit.MILLISECONDS.toNanos(2)));

        assertThat(done).as("judged at once").containsExactly("due");
    }

    @Test
    void aFaultOfOneEndsThatOneAndNobodyElse() throws Exception {
        for (String name : List.of("first", "second", "third")) {
            ready(Epoll.EPOLLIN | Epoll.EPOLLET, new Ready() {
                @Override
                public void on(int events) {
                    done.add(name);
                    if (name.equals("second")) {
                        throw new IllegalStateException("a fault");
                    }
                }

                @Override
                public void broke() {
                    done.add("second is over");
                }
            });
        }
        turn();

        assertThat(done).containsExactly("first", "second", "second is over", "third");
    }

    @Test
    void anErrorIsToldAndWhatCameWithItIsHandedOutInTheNextTurn() throws Exception {
        ready(Epoll.EPOLLIN | Epoll.EPOLLET, events -> {
            throw new OutOfMemoryError("of a test");
        });
        ready(Epoll.EPOLLIN | Epoll.EPOLLET, events -> done.add("the next"));

        assertThatThrownBy(this::turn).isInstanceOf(OutOfMemoryError.class);
        turn();

        assertThat(done).containsExactly("the next");
    }

    @Test
    void mailThatFailsKeepsNoOtherFromBeingDone() throws Exception {
        loop.post(() -> {
            throw new IllegalStateException("a fault");
        });
        loop.post(() -> done.add("later mail"));
        turn();

        assertThat(done).containsExactly("later mail");
    }

    @Test
    void mailAfterAnErrorIsDoneInTheNextTurn() throws Exception {
        loop.post(() -> {
            throw new OutOfMemoryError("of a test");
        });
        loop.post(() -> done.add("later mail"));

        assertThatThrownBy(this::turn).isInstanceOf(OutOfMemoryError.class);
        turn();

        assertThat(done).containsExactly("later mail");
    }

    @Test
    void itsThreadSurvivesAnErrorAndTellsOfIt() {
        loop.start();
        loop.post(() -> {
            throw new OutOfMemoryError("of a test");
        });

        assertThat(loop.call(() -> done.add("goes on"))).isTrue();
        assertThat(told).hasSize(1);
    }

    @Test
    void whoeverWaitsForWorkThatFailsIsToldSo() {
        loop.start();

        assertThatThrownBy(() -> loop.call(() -> {
                    throw new IllegalStateException("a fault");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a fault");
    }

    @Test
    void oneThatIsClosedTakesNothingAndSaysSo() {
        loop.start();
        loop.close();

        assertThat(loop.post(() -> done.add("never"))).isFalse();
        assertThat(loop.call(() -> done.add("never"))).isFalse();
        loop.wake();
        loop.close();
        assertThat(done).isEmpty();
    }

    @Test
    void whatWasTakenBeforeItIsClosedIsDone() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        loop.start();
        loop.post(() -> await().until(() -> go.getCount() == 0));
        assertThat(loop.post(() -> done.add("done"))).isTrue();
        Thread closing = new Thread(loop::close);
        closing.start();
        go.countDown();
        closing.join();

        assertThat(done).containsExactly("done");
    }

    @Test
    void whoeverAsksWhoIsThereWhileItEndsIsToldThatThatIsAll() {
        loop.visit(resident -> true, () -> done.add("over"));
        loop.close();

        assertThat(done).containsExactly("over");
    }

    private void turn() throws Exception {
        loop.turn(loop.await(0));
    }

    /** A descriptor that is readable from now on. */
    private void ready(int interest, Ready handler) throws SyscallException {
        EventFd event = new EventFd();
        opened.add(event);
        event.signal();
        loop.watch(event.fd(), interest, handler);
    }
}
