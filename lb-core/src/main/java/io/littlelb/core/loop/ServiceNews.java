package io.littlelb.core.loop;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.news.News;
import io.littlelb.core.news.News.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What changes about whether Services are served as asked, each thing once. For one thread. */
final class ServiceNews {
    /** A Service of a thousand ports that fail fills no page of a log; its condition says the rest. */
    private static final int LONGEST = 600;

    /** What was said last to stand in the way of which Service. */
    private final Map<ServiceKey, String> complaints = new HashMap<>();
    /** The Services that were said to be served, and not to be withdrawn since. */
    private final Set<ServiceKey> served = new HashSet<>();

    private Map<ServiceKey, Published> statuses = PersistentMap.of();

    List<News> of(Instant at, PassResult pass) {
        List<News> news = new ArrayList<>();
        Map<ServiceKey, Published> now = pass.desired().statuses();
        Set<ServiceKey> changed = new TreeSet<>(PersistentMap.differences(statuses, now));
        Set<ServiceKey> gone = new TreeSet<>();
        statuses = now;
        for (ServiceKey service : changed) {
            Optional<ServiceStatus> status = Optional.ofNullable(now.get(service))
                    .map(Published::status)
                    .filter(said -> !said.conditions().isEmpty());
            if (status.isPresent()) {
                of(at, service, status.get()).ifPresent(news::add);
            } else {
                complaints.remove(service);
                if (served.remove(service)) {
                    gone.add(service);
                }
            }
        }
        withdrawn(at, pass, gone, news);
        return news;
    }

    /** Of a clean stop one line is enough. */
    private static void withdrawn(Instant at, PassResult pass, Set<ServiceKey> gone, List<News> news) {
        if (pass.allocations().isDecided()) {
            gone.forEach(service -> news.add(News.of(
                    at,
                    Level.INFO,
                    service,
                    Optional.empty(),
                    "Service " + service + " is withdrawn: it is not asked for any more")));
        } else if (!gone.isEmpty()) {
            String many =
                    gone.size() == 1 ? "Service " + gone.iterator().next() + " is" : gone.size() + " Services are";
            news.add(News.of(at, Level.INFO, many + " withdrawn, for this load balancer stops"));
        }
    }

    private Optional<News> of(Instant at, ServiceKey service, ServiceStatus status) {
        List<Condition> bad = status.conditions().stream()
                .filter(condition -> !condition.holds() && condition.type() != Condition.Type.PORTS_ERROR)
                .toList();
        List<Condition> complaints = bad.stream()
                .filter(condition -> !condition.isPending())
                .filter(condition ->
                        condition.problem().filter(Reason.Drained::equals).isEmpty()) // who did it was told
                .toList();
        return complaints.isEmpty() ? served(at, service, status, bad.isEmpty()) : complaint(at, service, complaints);
    }

    private Optional<News> complaint(Instant at, ServiceKey service, List<Condition> bad) {
        String complaint = bad.stream()
                .map(condition -> condition.reason() + ": " + shortened(condition.message()))
                .distinct()
                .collect(joining("; "));
        if (complaint.equals(complaints.put(service, complaint))) {
            return Optional.empty();
        }
        String text = "Service " + service + " is not served as asked: " + complaint;
        return Optional.of(News.of(at, Level.WARN, service, bad.get(0).problem(), text));
    }

    /** In UTF-16 units, and no pair of them is parted. */
    private static String shortened(String message) {
        if (message.length() <= LONGEST) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return message.substring(0, end) + "… and so on";
    }

    private Optional<News> served(Instant at, ServiceKey service, ServiceStatus status, boolean all) {
        boolean programmed = status.conditions().stream()
                .anyMatch(condition -> condition.type() == Condition.Type.PROGRAMMED && condition.holds());
        boolean mended = programmed && all && complaints.remove(service) != null; // what is drained stays what it was
        boolean first = programmed && all && served.add(service);
        if (first) {
            String where = status.allocated().stream()
                    .map(held -> Addresses.print(held.ip()))
                    .collect(joining(", "));
            return Optional.of(News.of(
                    at, Level.INFO, service, Optional.empty(), "Service " + service + " is served on " + where));
        }
        return mended
                ? Optional.of(News.of(
                        at, Level.INFO, service, Optional.empty(), "Service " + service + " is served as asked again"))
                : Optional.empty();
    }
}
