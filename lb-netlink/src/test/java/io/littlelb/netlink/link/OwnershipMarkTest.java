package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class OwnershipMarkTest {
    @Test
    void marksByProtocolSinceKernel518AndByLabelBefore() {
        assertThat(OwnershipMark.forKernel("6.18.0-1", "eth0").protocol()).isEqualTo(76);
        assertThat(OwnershipMark.forKernel("5.18.1", "eth0").protocol()).isEqualTo(76);
        assertThat(OwnershipMark.forKernel("5.10.0-9-amd64\n", "eth0")).isEqualTo(new OwnershipMark(0, "eth0:lb"));
        assertThat(OwnershipMark.forKernel("4.19", "a-link-of-15-ch").label())
                .isEqualTo("a-link-of-15:lb".toLowerCase(Locale.ROOT))
                .hasSize(15);
    }
}
