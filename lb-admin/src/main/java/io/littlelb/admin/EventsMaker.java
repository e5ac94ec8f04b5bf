package io.littlelb.admin;

import io.littlelb.admin.http.Question;
import io.littlelb.admin.view.EventView;
import io.littlelb.admin.view.EventsView;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import io.littlelb.core.news.Journal;
import io.littlelb.core.news.News;
import java.util.List;
import java.util.function.Predicate;

/** Makes {@link EventsView}. */
final class EventsMaker {
    private EventsMaker() {}

    static EventsView events(Journal journal, Question question) throws WrongQuestion {
        Wanted wanted = new Wanted(question);
        long after = wanted.number("after", 0);
        boolean all = question.parameter("service").isEmpty();
        Predicate<ServiceKey> services = wanted.services();
        long last = journal.last(1, any -> true).stream()
                .mapToLong(News::number)
                .findFirst()
                .orElse(0);
        List<News> news = journal.last(
                wanted.limit(Journal.KEPT),
                each -> each.number() > after
                        && (all || each.service().filter(services).isPresent()));
        return new EventsView(last, news.stream().map(EventsMaker::view).toList());
    }

    private static EventView view(News news) {
        return new EventView(
                news.number(),
                news.at(),
                Shown.word(news.level()),
                news.service().map(ServiceKey::toString),
                news.reason().map(Enum::name),
                news.text());
    }
}
