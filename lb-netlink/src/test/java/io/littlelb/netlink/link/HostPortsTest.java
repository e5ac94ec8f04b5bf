package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import io.littlelb.linux.ListeningSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HostPortsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final ListeningSocket ETCD = new ListeningSocket("00000000", 2_379, "1");
    private static final ListeningSocket BGP = new ListeningSocket("0".repeat(32), 179, "2");
    private static final ListeningSocket LOCAL_API = new ListeningSocket("0100007F", 6_443, "3");
    private static final ListeningSocket NGINX = new ListeningSocket("00000000", 8_080, "4");

    private final List<ListeningSocket> sockets = new ArrayList<>();
    private int asked;
    private final HostPorts ports = new HostPorts(
            ImmutableRangeSet.unionOf(
                    List.of(Range.closed(2_379, 2_380), Range.singleton(179), Range.singleton(6_443))),
            () -> {
                asked++;
                return List.copyOf(sockets);
            });

    @Test
    void seesWhoListensOnAllAddressesOfOneFamilyOrBoth() {
        sockets.addAll(List.of(ETCD, BGP, LOCAL_API, NGINX));

        assertThat(ports.seen(0)).containsExactlyInAnyOrder(2_379, 179);
    }

    /** Whoever is away is mostly being started again. */
    @Test
    void remembersWhoWasSeenOnce() {
        sockets.add(ETCD);
        assertThat(ports.seen(0)).containsExactly(2_379);

        sockets.clear();

        assertThat(ports.seen(3_600 * SECOND)).containsExactly(2_379);
    }

    @Test
    void looksAgainNowAndThen() {
        assertThat(ports.seen(-SECOND)).isEmpty();
        sockets.add(BGP);

        assertThat(ports.seen(3 * SECOND)).isEmpty();
        assertThat(asked).isEqualTo(1);
        assertThat(ports.seen(4 * SECOND)).containsExactly(179);
    }

    @Test
    void asksNobodyWherePortsAreOfNoConcern() {
        HostPorts none = new HostPorts(ImmutableRangeSet.of(), () -> {
            throw new AssertionError("asked");
        });

        assertThat(none.seen(0)).isEmpty();
    }
}
