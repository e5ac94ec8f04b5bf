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

    /** @param journalId which is another one's when the program was started anew, and counts from the beginning */
    static EventsView events(String journalId, Journal journal, Question question) throws WrongQuestion {
        Wanted wanted = new Wanted(question);
        wanted.only("after", "limit", "service");
        long after = wanted.number("after", 0);
        boolean all = question.parameter("service").isEmpty();
        Predicate<ServiceKey> services = wanted.services();
        List<News> news = journal.last(Journal.KEPT, any -> true);
        long last = news.isEmpty() ? 0 : news.get(news.size() - 1).number();
        List<News> chosen = news.stream()
                .filter(each -> each.number() > after)
                .filter(each -> all || each.service().filter(services).isPresent())
                .toList();
        int first = Math.max(0, chosen.size() - wanted.limit(Journal.KEPT));
        return new EventsView(
                journalId,
                last,
                chosen.subList(first, chosen.size()).stream()
                        .map(EventsMaker::view)
                        .toList());
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
