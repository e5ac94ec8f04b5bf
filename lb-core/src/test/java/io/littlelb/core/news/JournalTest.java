package io.littlelb.core.news;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.news.News.Level;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class JournalTest {
    private final Journal journal = new Journal();

    @Test
    void keepsTheLastThousandAndCountsThemAll() {
        IntStream.rangeClosed(1, 2_500).forEach(this::add);

        List<News> all = journal.last(Integer.MAX_VALUE, news -> true);

        assertThat(all).hasSize(Journal.KEPT);
        assertThat(all.get(0)).satisfies(first -> {
            assertThat(first.number()).isEqualTo(1_501);
            assertThat(first.text()).isEqualTo("1501");
        });
        assertThat(all.get(999).number()).isEqualTo(2_500);
    }

    @Test
    void givesTheLastFewOfThoseThatAreAskedFor() {
        IntStream.rangeClosed(1, 10).forEach(this::add);

        assertThat(journal.last(2, news -> Long.parseLong(news.text()) % 2 == 1))
                .extracting(News::text)
                .containsExactly("7", "9");
    }

    @Test
    void isFollowedByTheNumber() {
        IntStream.rangeClosed(1, 3).forEach(this::add);
        long seen = journal.last(1, news -> true).get(0).number();
        assertThat(journal.last(100, news -> news.number() > seen)).isEmpty();

        add(4);

        assertThat(journal.last(100, news -> news.number() > seen))
                .extracting(News::text)
                .containsExactly("4");
    }

    @Test
    void numbersEachOnceWhoeverAddsThem() throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = Stream.generate(() -> new Thread(() -> {
                    awaitUninterruptibly(start);
                    IntStream.range(0, 200).forEach(this::add);
                }))
                .limit(4)
                .toList();
        threads.forEach(Thread::start);
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(journal.last(1_000, news -> true))
                .extracting(News::number)
                .isEqualTo(LongStream.rangeClosed(1, 800).boxed().toList());
    }

    @Test
    void showsNothingThatWouldForgeALine() {
        News news = News.of(Instant.EPOCH, Level.WARN, "a\nb\u202e");

        assertThat(news.text()).isEqualTo("a\\u{a}b\\u{202e}");
    }

    private void add(int number) {
        journal.add(News.of(Instant.EPOCH, Level.INFO, Integer.toString(number)));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
