package io.littlelb.admin;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MetricsPageTest {
    private static final Pattern FAMILY = Pattern.compile("^# TYPE (littlelb_\\S+) (\\S+)$", Pattern.MULTILINE);
    private static final Pattern DOCUMENTED =
            Pattern.compile("^\\| `(littlelb_[a-z_]+)` \\| (gauge|counter|histogram) \\|", Pattern.MULTILINE);

    @Test
    void everyMetricIsInTheDocumentationAndEveryOneThereIsServed() throws IOException {
        try (MetricsWorld world = new MetricsWorld()) {
            world.serve(2, 1, 2);

            String documentation = Files.readString(Path.of("../docs/metrics.md"));
            assertThat(names(FAMILY, world.scrape(""))).isEqualTo(names(DOCUMENTED, documentation));
        }
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1) + " " + match.group(2))
                .collect(toCollection(TreeSet::new));
    }

    @Test
    void sumsTheAddressesOfAServiceAndTellsEndingsByTheirWords() {
        try (MetricsWorld world = new MetricsWorld()) {
            world.serve(1, 2, 2);

            assertThat(world.scrape(""))
                    .contains(
                            "littlelb_connections_total{namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"web-0\"} 3.0",
                            "littlelb_connections_ended_total{cause=\"source_refused\",namespace=\"default\",port=\"81\",protocol=\"TCP\",service=\"web-0\"} 1.0",
                            "littlelb_bytes_total{direction=\"out\",namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"web-0\"} 60.0",
                            "littlelb_dial_seconds_count{namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"web-0\"} 6",
                            "littlelb_backend_up{backend=\"198.18.1.1:8080\",namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"web-0\"} 0.0",
                            "littlelb_backend_up{backend=\"198.18.1.2:8080\",namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"web-0\"} 1.0",
                            "littlelb_kubernetes_requests_total{code=\"none\",resource=\"nodes\",verb=\"watch\"} 2.0",
                            "littlelb_pool_addresses{family=\"IPv4\",pool=\"gold\"} 16384.0",
                            "littlelb_pool_addresses_used{family=\"IPv4\",pool=\"gold\"} 1.0",
                            "littlelb_loop_busy_seconds_total{thread=\"lb-proxy-0\"} 5.0");
        }
    }

    @Test
    void aBackendBehindTwoAddressesIsOneSeriesWithWhatBothHaveCounted() {
        try (MetricsWorld world = new MetricsWorld()) {
            world.serveBothFamilies(
                    Backend.parse("198.18.1.1:8080").orElseThrow(),
                    Backend.parse("198.18.1.2:8080").orElseThrow());

            assertThat(world.scrape(""))
                    .contains(
                            "littlelb_backend_active_connections{backend=\"198.18.1.2:8080\",namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"both\"} 2.0")
                    .contains(
                            "littlelb_backend_dials_total{backend=\"198.18.1.2:8080\",namespace=\"default\",port=\"80\",protocol=\"TCP\",result=\"ok\",service=\"both\"} 6.0")
                    .contains(
                            "littlelb_backend_up{backend=\"198.18.1.1:8080\",namespace=\"default\",port=\"80\",protocol=\"TCP\",service=\"both\"} 0.0");
        }
    }

    @Test
    void ofMoreBackendsThanAreBearableNoneIsNamed() {
        try (MetricsWorld world = new MetricsWorld()) {
            world.serve(11, 1, 200);

            assertThat(world.scrape(""))
                    .contains("littlelb_backends 2200.0")
                    .doesNotContain("backend=\"")
                    .contains("littlelb_dial_seconds_count");
        }
    }

    @Test
    void aThousandServicesAreAsManySeriesAsIsSaid() {
        try (MetricsWorld world = new MetricsWorld()) {
            world.serve(1_000, 1, 1);

            String page = world.scrape("");
            long series = page.lines()
                    .filter(line -> line.startsWith("littlelb_") && line.contains("service=\""))
                    .count();
            assertThat(series).isLessThanOrEqualTo(1_000 * 32);
            assertThat(page.length()).isLessThan(6_000_000);
        }
    }
}
