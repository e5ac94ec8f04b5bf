package io.littlelb.admin;

import com.google.common.base.Suppliers;
import io.littlelb.admin.http.Answer;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** {@code /metrics}, in Prometheus' text format or in OpenMetrics'. Everything is read when it is asked for; nothing is counted twice. */
final class MetricsPage {
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    /** What is known of the JVM; not loaded before somebody asks. */
    private final Supplier<PrometheusRegistry> jvm = Suppliers.memoize(MetricsPage::jvm);

    private static PrometheusRegistry jvm() {
        PrometheusRegistry registry = new PrometheusRegistry();
        ProcessMetrics.builder().register(registry);
        JvmMemoryMetrics.builder().register(registry);
        JvmGarbageCollectorMetrics.builder().register(registry);
        JvmThreadsMetrics.builder().register(registry);
        return registry;
    }

    /** @param accept which media types whoever asks can read */
    Answer answer(Observation seen, OwnProcess process, String accept) {
        Families families = new Families();
        new InstanceMetrics(seen, AddressesMaker.addresses(seen), process).into(families);
        new ServiceMetrics(seen).into(families);
        new BackendMetrics(BackendsMaker.backends(seen, any -> true)).into(families);
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
        return new Answer(
                200,
                writer.getContentType(),
                written(writer, families.with(jvm.get().scrape())));
    }

    private static byte[] written(ExpositionFormatWriter writer, MetricSnapshots snapshots) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
        try {
            writer.write(out, snapshots, EscapingScheme.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is nothing but memory
        }
        return out.toByteArray();
    }
}
