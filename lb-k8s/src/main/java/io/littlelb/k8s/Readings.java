package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ServiceKey;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the objects of a cluster one at a time: one that cannot be read keeps what was last read of it, or, without that, is left out, and nobody else
 * notices. It is said when an object cannot be read, and once more when it can: in the log, and to whoever can say it on the Service that it
 * concerns. For one thread at a time.
 */
final class Readings {
    private static final Logger log = LoggerFactory.getLogger(Readings.class);
    private static final int LONGEST_REASON = 400;

    private final Consumer<Complaint> complaints;
    /** Why objects cannot be read, as it was said. */
    private final Map<Subject, String> said = new HashMap<>();

    /** @param complaints told on the reading thread of what concerns a Service */
    Readings(Consumer<Complaint> complaints) {
        this.complaints = requireNonNull(complaints, "complaints");
    }

    /**
     * An object of the API.
     *
     * @param namespace empty for one that has none
     * @param service the Service that it is about; empty when it is about none in particular
     */
    record Subject(String kind, String namespace, String name, Optional<ServiceKey> service) {
        static Subject service(ServiceKey key) {
            return new Subject("Service", key.namespace(), key.name(), Optional.of(key));
        }

        static Subject node(String name) {
            return new Subject("Node", "", name, Optional.empty());
        }

        @Override
        public String toString() {
            return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
        }

        private String command() {
            return "kubectl get " + kind.toLowerCase(Locale.ROOT) + " " + name
                    + (namespace.isEmpty() ? "" : " -n " + namespace) + " -o yaml";
        }
    }

    /** What there is to say on a Service. */
    record Complaint(ServiceKey service, boolean isMended, String message) {}

    /**
     * Reads an object.
     *
     * @param reading what is made of it as it is now
     * @param kept what stays in force if that cannot be done
     */
    <T> Optional<T> read(Subject subject, Supplier<T> reading, Supplier<Optional<T>> kept) {
        try {
            T read = reading.get();
            readable(subject);
            return Optional.of(read);
        } catch (RuntimeException unreadable) {
            Optional<T> last = kept.get();
            unreadable(subject, unreadable, last.isPresent());
            return last;
        }
    }

    /** An object is not there any more. */
    void forget(Subject subject) {
        said.remove(subject);
    }

    private void readable(Subject subject) {
        if (said.remove(subject) != null) {
            log.info("{} can be read again", subject);
            say(subject, true, subject + " can be read again");
        }
    }

    private void unreadable(Subject subject, RuntimeException why, boolean isKept) {
        String reason = reason(why);
        if (reason.equals(said.put(subject, reason))) {
            return;
        }
        String message = subject + " cannot be read: " + reason + "; "
                + (isKept ? "what was last read of it stays in force" : "it is left out")
                + " until it can, nothing else is touched. Look at it with: " + subject.command();
        log.warn("{}", message);
        log.debug("{}", subject, why);
        say(subject, false, message);
    }

    private void say(Subject subject, boolean mended, String message) {
        subject.service().ifPresent(key -> complaints.accept(new Complaint(key, mended, message)));
    }

    private static String reason(RuntimeException why) {
        String text = why instanceof UnreadableException ? why.getMessage() : why.toString();
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "…" : line;
    }
}
