package io.littlelb.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Prometheus' own tool on what is served; CONTRIBUTING.md says how to have it. */
@Timeout(60)
final class PromtoolIT {
    @Test
    void findsNothingToComplainOf() throws IOException, InterruptedException {
        try (MetricsWorld world = new MetricsWorld()) {
            world.serve(3, 2, 2);
            Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectErrorStream(true)
                    .start();
            try (var in = promtool.getOutputStream()) {
                in.write(world.scrape("").getBytes(StandardCharsets.UTF_8));
            }

            assertThat(new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(promtool.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(promtool.exitValue()).isZero();
        }
    }
}
