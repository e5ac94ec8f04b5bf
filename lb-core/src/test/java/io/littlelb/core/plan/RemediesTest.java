package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.HOST_4;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Reason;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person reads who is to do something about a refusal. */
final class RemediesTest {
    private static final String SHARE =
            "to share it, give both Services one littlelb.io/allow-shared-ip, in one namespace"
                    + " and without a common port; or ask for another address";

    @Test
    void whoComesSecondIsToldHowToShareAndWhichAddressIsFree() {
        ServiceWorld taken = new ServiceWorld().holder("198.18.0.9");

        assertThat(remarks(taken.explain())).containsExactly(Finding.remark(Topic.HOLDER, SHARE));
        assertThat(remarks(taken.pool("gold", "198.18.0.9-198.18.0.70").explainNew()))
                .containsExactly(
                        Finding.remark(Topic.HOLDER, SHARE + ": the next free one of pool gold is 198.18.0.10"));
    }

    @Test
    void itIsSaidOnceAfterTheLastRefusalOfItsKindAndOfEachFamilyWhatIsFree() {
        ServiceWorld taken = new ServiceWorld()
                .holder("198.18.0.9,2001:db8::9")
                .asking("198.18.0.9,2001:db8::9", "")
                .pool("four", "198.18.0.9-198.18.0.70")
                .pool("six", "2001:db8::9-2001:db8::f");

        assertThat(taken.explain().findings())
                .filteredOn(finding -> finding.topic() == Topic.HOLDER)
                .extracting(Finding::answer)
                .containsExactly(Answer.REFUSED, Answer.REFUSED, Answer.REMARK);
        assertThat(remarks(taken.explain()))
                .containsExactly(Finding.remark(
                        Topic.HOLDER,
                        SHARE + ": the next free one of pool four is 198.18.0.10 and the next free one of pool six is"
                                + " 2001:db8::a"));
    }

    @Test
    void anAddressThatCannotBeHadIsNoDeadEnd() {
        assertThat(remedy(new ServiceWorld().asking("192.0.2.9", "")))
                .isEqualTo("ask for an address of one of the subnets of the link");
        assertThat(remedy(new ServiceWorld().asking("198.18.0.200", "").pool("gold", "198.18.0.8-198.18.0.9")))
                .isEqualTo("ask for another address: the next free one of pool gold is 198.18.0.8");
        assertThat(remedy(new ServiceWorld().asking("198.18.0.255", ""))).isEqualTo("ask for another address");
        assertThat(remedy(new ServiceWorld().holder("").asking("", "")))
                .isEqualTo("use another port, or ask for another address");
        assertThat(remedy(new ServiceWorld().link(Link.State.UP, true, HOST_4).asking("2001:db8::9", "")))
                .startsWith("set ipFamilies to the other family");
    }

    @Test
    void whatTellsWhatToDoByItselfIsLeftAlone() {
        assertThat(remarks(new ServiceWorld().asking("name", "").explain())).isEmpty();
        assertThat(remarks(
                        new ServiceWorld().asking("198.18.0.9", "198.18.0.10").explain()))
                .isEmpty();
        assertThat(remarks(new ServiceWorld().drained().explain())).isEmpty();
        assertThat(remarks(new ServiceWorld()
                        .pool("gold", "198.18.0.8-198.18.0.8")
                        .holder("")
                        .asking("", "")
                        .explain()))
                .isEmpty();
    }

    @Test
    void aPortThatCannotBeOpenedIsOneToLookFor() {
        ServiceWorld failed = new ServiceWorld()
                .frontend(ServiceWorld.FRONTEND, FrontendStatus.failed(ServiceWorld.config(), "EADDRINUSE"));

        assertThat(failed.explain().problem().orElseThrow().reason()).isEqualTo(Reason.BindFailed);
        assertThat(remedy(failed)).startsWith("ss -lntup on this host");
    }

    private static String remedy(ServiceWorld world) {
        return remarks(world.explain()).get(0).text();
    }

    private static List<Finding> remarks(Explanation explanation) {
        return explanation.findings().stream()
                .filter(finding -> finding.answer() == Answer.REMARK)
                .toList();
    }
}
