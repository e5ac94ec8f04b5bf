package io.littlelb.cli.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.littlelb.core.loop.PassLog;
import io.littlelb.core.model.Ending;
import io.littlelb.core.news.News;
import io.littlelb.core.worker.ErrorHandler;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The log of a process, as it is written to stderr. */
final class LoggingTest {
    private static final org.slf4j.Logger OURS = LoggerFactory.getLogger("io.littlelb.k8s.ServerContact");
    private static final Logger CLIENT = Logger.getLogger("io.fabric8.kubernetes.client.dsl.internal");
    private static final Logger NETLINK = Logger.getLogger("io.littlelb.netlink.rtnetlink.LoggedMessages");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private PrintStream before;
    private Logging logging;

    @BeforeEach
    void install() {
        before = System.err;
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        logging = Logging.install(ErrorHandler.LOG);
    }

    @AfterEach
    void restore() throws Exception {
        logging.close();
        System.setErr(before);
        LogManager.getLogManager().readConfiguration();
    }

    @Test
    void changesItsLevelWhileItRuns() {
        assertThat(logging.levels().current()).isEqualTo("info");
        OURS.debug("one");
        OURS.info("two");
        logging.levels().set("debug");
        OURS.debug("three");
        logging.levels().set("error");
        OURS.warn("four");
        OURS.error("five");

        assertThat(lines())
                .extracting(line -> line.substring(25))
                .containsExactly("INFO  two", "DEBUG three", "ERROR five");
        assertThatThrownBy(() -> logging.levels().set("lo\nud"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"lo\\u{a}ud\" is none of error, warn, info, debug");
        assertThat(logging.levels().current()).isEqualTo("error");
    }

    @Test
    void librariesAreSilentUnlessDebugIsOn() {
        CLIENT.severe("boom");
        Logger.getLogger("jdk.internal.httpclient.debug").severe("boom");
        assertThat(lines()).isEmpty();

        logging.levels().set("debug");
        CLIENT.warning("boom");
        CLIENT.info("chatter");

        assertThat(lines()).singleElement().asString().endsWith("WARN  boom");
    }

    @Test
    void netlinkMessagesAreLoggedWhateverTheLevelOnceSomebodyAsks() {
        NETLINK.finest("-> 1");
        logging.levels().netlink(true);
        NETLINK.finest("-> 2");
        OURS.debug("no");
        logging.levels().netlink(false);
        NETLINK.finest("-> 3");

        assertThat(lines()).singleElement().asString().endsWith("DEBUG -> 2");
    }

    @Test
    void whatIsLoggedIsNewsWhateverTheLevelAndWhatPassesBringIsNotThereTwice() {
        logging.levels().set("error");
        OURS.warn("The API server is silent for {}", "10 s");
        OURS.debug("nothing");
        LoggerFactory.getLogger(PassLog.class).warn("put there by itself");
        OURS.error("a bug", new IllegalStateException("x"));

        List<News> news = logging.journal().last(10, each -> true);

        assertThat(news)
                .extracting(News::level, News::text)
                .containsExactly(
                        tuple(News.Level.WARN, "The API server is silent for 10 s"),
                        tuple(News.Level.ERROR, "a bug: java.lang.IllegalStateException: x"));
        assertThat(lines()).noneMatch(line -> line.contains("silent"));
    }

    @Test
    void aConnectionIsKeptAndWrittenWhateverTheLevel() {
        logging.levels().set("error");
        logging.style(LogStyle.JSON);
        logging.connections().accept(LinesTest.ended(Ending.ERROR, "kept only"));
        logging.access().tellOf(AccessMode.ERRORS);
        logging.connections().accept(LinesTest.ended(Ending.NO_BACKEND, "both"));
        logging.close();

        assertThat(logging.ended().last(10, each -> true)).hasSize(2);
        assertThat(logging.journal().last(10, each -> true)).isEmpty();
        assertThat(lines()).singleElement().asString().contains("\"logger\":\"access\"", "\"detail\":\"both\"");
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
