package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.news.Journal;
import io.littlelb.core.news.News;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what each pass did and what stands in a Service's way, each thing once and not again while it stays the same; a line a Service, and every step on its own
 * at debug. The same words go into a journal. Runs on the reconciler's thread; of one load balancer.
 */
public final class PassLog implements ReconcileListener {
    private static final Logger log = LoggerFactory.getLogger(PassLog.class);

    private final Journal journal;
    private final PassNews news = new PassNews();

    /** Without a journal that anybody reads. */
    public PassLog() {
        this(new Journal());
    }

    /** @param journal what is said goes there as well, and need not be put there from the log */
    public PassLog(Journal journal) {
        this.journal = requireNonNull(journal, "journal");
    }

    @Override
    public void onPass(PassResult result) {
        result.applied().forEach(step -> log.debug("{}", step));
        result.failures()
                .forEach(failure -> log.debug(
                        "could not {}: {}", failure.step(), failure.cause().getMessage()));
        news.of(result).forEach(this::tell);
    }

    private void tell(News each) {
        journal.add(each);
        if (each.level() == News.Level.INFO) {
            log.info("{}", each.text());
        } else {
            log.warn("{}", each.text());
        }
    }
}
