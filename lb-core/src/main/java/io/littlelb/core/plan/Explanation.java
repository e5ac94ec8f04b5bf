package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import java.util.List;
import java.util.Optional;

/**
 * Why a Service is served as it is: every question that is asked of it, in the order in which they are asked, each with its answer. Made by an
 * {@link Explainer}.
 *
 * @param isServed whether clients reach it, at every address and port that it asks for
 * @param findings one or more for each question; a question that another answer has made idle is not asked
 */
public record Explanation(ServiceKey service, boolean isServed, List<Finding> findings) {
    /** What is asked about a Service. */
    public enum Topic {
        /** Whether it is one that this load balancer serves. */
        SERVICE,
        /** Which addresses it asks for, and whether that makes sense. */
        REQUEST,
        /** Whether the link, its subnets, the pools and the boundaries permit such an address. */
        SUBNET,
        /** Who holds the address. */
        HOLDER,
        /** Whether the address is on the link, and whether another host has it. */
        ADDRESS,
        /** Whether its ports are open. */
        PORTS,
        /** What a person has ordered. */
        ORDERS,
        /** Whether its ports have backends, and whether these answer. */
        BACKENDS,
        /** What its policies say. */
        POLICIES,
        /** What stands on the Service now. */
        PUBLISHED
    }

    /** How a question was answered. */
    public enum Answer {
        /** In favour of the Service. */
        GOOD,
        /** In favour of it, and there is something to be said all the same. */
        REMARK,
        /** Not yet. */
        PENDING,
        /** Against it. */
        REFUSED
    }

    public Explanation {
        requireNonNull(service, "service");
        findings = List.copyOf(findings);
    }

    /** The first thing that stands in the way; empty when nothing does. */
    public Optional<Problem> problem() {
        return findings.stream()
                .filter(finding -> finding.answer() == Answer.REFUSED)
                .flatMap(finding -> finding.reason().map(reason -> new Problem(reason, finding.text())).stream())
                .findFirst();
    }

    /**
     * One answer.
     *
     * @param reason the word that stands for it in Events and conditions, if something is to be said
     * @param text the grounds, in a sentence for people
     */
    public record Finding(Topic topic, Answer answer, Optional<Reason> reason, String text) {
        public Finding {
            requireNonNull(topic, "topic");
            requireNonNull(answer, "answer");
            requireNonNull(reason, "reason");
            requireNonNull(text, "text");
        }

        static Finding good(Topic topic, String text) {
            return new Finding(topic, Answer.GOOD, Optional.empty(), text);
        }

        static Finding pending(Topic topic, String text) {
            return new Finding(topic, Answer.PENDING, Optional.empty(), text);
        }

        static Finding refused(Topic topic, Problem problem) {
            return new Finding(topic, Answer.REFUSED, Optional.of(problem.reason()), problem.detail());
        }

        /** In favour of it, with something to be said that no condition has a word for. */
        static Finding remark(Topic topic, String text) {
            return new Finding(topic, Answer.REMARK, Optional.empty(), Shown.escaped(text));
        }

        static Finding remark(Topic topic, Problem problem) {
            return new Finding(topic, Answer.REMARK, Optional.of(problem.reason()), problem.detail());
        }

        boolean isRefusedFor(Reason why) {
            return answer == Answer.REFUSED && reason.filter(why::equals).isPresent();
        }

        Finding asRemark() {
            return new Finding(topic, Answer.REMARK, reason, text);
        }
    }
}
