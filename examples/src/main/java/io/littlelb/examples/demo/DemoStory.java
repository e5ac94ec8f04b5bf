package io.littlelb.examples.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Tells what is done and what is seen, and waits for what should be seen. */
final class DemoStory {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final PrintStream out;
    private int chapter;

    DemoStory(PrintStream out) {
        this.out = out;
    }

    /** Something that should have been seen was not. */
    static final class Untrue extends Exception {
        private static final long serialVersionUID = 1;

        Untrue(String message) {
            super(message);
        }
    }

    void chapter(String title) {
        chapter++;
        out.printf("%n%d  %s%n", chapter, title);
    }

    /** What a user would type for what is done next. */
    void command(String line) {
        out.println("   $ " + line);
    }

    /** Evidence, line by line. */
    void evidence(String text) {
        text.strip().lines().forEach(line -> out.println("     " + line));
    }

    void say(String text) {
        out.println("   " + text);
    }

    /** Looks until what is seen is as it should be, and says so. */
    <T> T proves(String claim, Callable<T> look, Predicate<T> asItShouldBe) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        T seen = look.call();
        while (!asItShouldBe.test(seen)) {
            if (System.nanoTime() - deadline > 0) {
                throw new Untrue("not so: " + claim + "; what was seen after " + PATIENCE.toSeconds() + " s: " + seen);
            }
            Thread.sleep(BETWEEN_LOOKS.toMillis());
            seen = look.call();
        }
        out.println("   ok: " + claim);
        return seen;
    }
}
