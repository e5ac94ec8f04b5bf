package io.littlelb.netlink.arp;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Addresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
    private static final long MILLI = 1_000_000;
    private static final InetAddress NINE = ip("198.18.0.9");

    private final List<String> announced = new ArrayList<>();
    private final Announcer announcer = new Announcer(new Pace(500, 50, 0), new Random(1));

    @Test
    void announcesAtOnceThenLessAndLessOften() {
        announcer.follow(Set.of(NINE), 0);

        runUntil(10_000);

        assertThat(announced).containsExactly("0 9", "100 9", "500 9", "1000 9", "2000 9", "4000 9");
    }

    @Test
    void goesOnAboutEveryMinute() {
        announcer.follow(Set.of(NINE), 0);

        runUntil(4_000 + 3 * 66_000);

        assertThat(announced.size() - 6).isBetween(3, 3 * 66 / 54);
    }

    @Test
    void saysNothingOfAnAddressThatIsGone() {
        announcer.follow(Set.of(NINE), 0);
        runUntil(200);
        announcer.follow(Set.of(), 200 * MILLI);

        runUntil(10_000);

        assertThat(announced).containsExactly("0 9", "100 9");
        assertThat(announcer.next(10_000 * MILLI)).isEmpty();
    }

    @Test
    void beginsAgainWhenTheLinkHasComeBack() {
        announcer.follow(Set.of(NINE), 0);
        runUntil(5_000);
        announced.clear();

        announcer.again(5_000 * MILLI);
        runUntil(6_000);

        assertThat(announced).containsExactly("5000 9", "5100 9", "5500 9", "6000 9");
    }

    @Test
    void manyAddressesGoAtThePaceAllowed() {
        Set<InetAddress> many = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            many.add(ip("198.18." + (i / 250) + "." + (1 + i % 250)));
        }
        announcer.follow(many, 0);

        runUntil(1_000);

        assertThat(announced.size()).isBetween(500, 550);
    }

    /** Lets time pass as {@code lb-link} does: to the next time that there is something to do. */
    private void runUntil(long millis) {
        long now = 0;
        while (now <= millis * MILLI) {
            long at = now;
            announcer.work(now, ip -> announced.add(at / MILLI + " " + (ip.getAddress()[3] & 0xff)));
            now = Math.max(now + 1, announcer.next(now).orElse(Long.MAX_VALUE));
        }
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }
}
