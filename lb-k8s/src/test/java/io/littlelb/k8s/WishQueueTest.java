package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.worker.Task;
import io.littlelb.k8s.WishQueue.Wish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WishQueueTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceKey OTHER = new ServiceKey("default", "other");

    private long now = Long.MAX_VALUE - 1_000; // which soon overflows, as System.nanoTime may
    private final WishQueue wishes = new WishQueue(() -> now);

    @Test
    void grantsTheLastWishForAServiceAndTheOldestServiceFirst() {
        wishes.put(WEB, "1", allocated("198.18.0.8"));
        wishes.put(OTHER, "2", ServiceStatus.NONE);
        assertThat(wishes.put(WEB, "1", allocated("198.18.0.9"))).isTrue();
        assertThat(wishes.put(WEB, "1", allocated("198.18.0.9")))
                .as("nothing new")
                .isFalse();

        assertThat(wishes.waiting()).isEqualTo(2);
        Wish first = wishes.take(now).orElseThrow();
        assertThat(first.status()).isEqualTo(allocated("198.18.0.9"));
        assertThat(wishes.waiting()).as("it is not granted yet").isEqualTo(2);
        wishes.put(WEB, "1", allocated("198.18.0.10"));
        assertThat(wishes.waiting())
                .as("of two wishes for one Service, one counts")
                .isEqualTo(2);
        wishes.forget("1");
        assertThat(wishes.take(now)).map(Wish::key).contains(OTHER);
        assertThat(wishes.take(now)).isEmpty();
        assertThat(wishes.untilNext(now)).isEqualTo(Task.UNTIL_WOKEN);
    }

    @Test
    void aServiceIsOnesAtATime() {
        wishes.put(WEB, "1", allocated("198.18.0.8"));
        Wish first = wishes.take(now).orElseThrow();
        wishes.put(WEB, "1", allocated("198.18.0.9"));

        assertThat(wishes.take(now)).isEmpty();
        assertThat(wishes.untilNext(now))
                .as("it is nobody's turn before it is released")
                .isEqualTo(Task.UNTIL_WOKEN);
        wishes.release(first);

        assertThat(wishes.untilNext(now)).isZero();
        assertThat(wishes.take(now)).map(Wish::status).contains(allocated("198.18.0.9"));
    }

    @Test
    void pausesGrowWhileItFailsAndStartAgainOnceItIsGranted() {
        wishes.put(WEB, "1", allocated("198.18.0.9"));
        List<Long> pauses = new ArrayList<>();
        for (int failure = 0; failure < 7; failure++) {
            pauses.add(fail().orElseThrow().toSeconds());
            assertThat(wishes.take(now)).as("it is not due yet").isEmpty();
            now += wishes.untilNext(now);
        }
        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);

        Wish granted = wishes.take(now).orElseThrow();
        wishes.granted(granted);
        wishes.release(granted);
        wishes.put(WEB, "1", allocated("198.18.0.8"));

        assertThat(fail()).contains(Duration.ofSeconds(1));
    }

    @Test
    void aWishThatCameMeanwhileIsNotHeldUpByTheOneThatFailed() {
        wishes.put(WEB, "1", allocated("198.18.0.8"));
        Wish first = wishes.take(now).orElseThrow();
        wishes.put(WEB, "1", allocated("198.18.0.9"));
        wishes.failed(first);
        wishes.release(first);

        assertThat(wishes.take(now)).map(Wish::status).contains(allocated("198.18.0.9"));
    }

    @Test
    void whatIsForgottenIsNotTriedAgain() {
        wishes.put(WEB, "1", allocated("198.18.0.8"));
        Wish taken = wishes.take(now).orElseThrow();
        wishes.forget("1");
        assertThat(wishes.failed(taken)).isEmpty();
        wishes.release(taken);
        wishes.put(WEB, "1", allocated("198.18.0.9"));
        wishes.forget("1");

        now += TimeUnit.HOURS.toNanos(1);
        assertThat(wishes.take(now)).isEmpty();
    }

    @Test
    void nothingIsWishedForOnceItIsClosed() {
        wishes.put(WEB, "1", allocated("198.18.0.8"));
        Wish taken = wishes.take(now).orElseThrow();
        wishes.put(OTHER, "2", allocated("198.18.0.9"));
        wishes.close();

        assertThat(wishes.failed(taken)).isEmpty();
        assertThat(wishes.put(WEB, "1", allocated("198.18.0.9"))).isFalse();
        assertThat(wishes.take(now)).isEmpty();
    }

    @Test
    void aWishTakesBackWhenItSaysNothingToClients() {
        assertThat(new Wish(WEB, "1", allocated("198.18.0.9"), 0).takesBack()).isTrue();
        assertThat(new Wish(WEB, "1", served(), 0).takesBack()).isFalse();
    }

    private Optional<Duration> fail() {
        Wish wish = wishes.take(now).orElseThrow();
        Optional<Duration> pause = wishes.failed(wish);
        wishes.release(wish);
        return pause;
    }

    private static ServiceStatus allocated(String ip) {
        return new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(InetAddresses.forString(ip))), List.of());
    }

    private static ServiceStatus served() {
        return new ServiceStatus(
                List.of(new ServiceStatus.Ingress(InetAddresses.forString("198.18.0.9"), List.of())),
                List.of(),
                List.of(),
                List.of());
    }
}
