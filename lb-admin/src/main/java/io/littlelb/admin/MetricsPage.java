package io.littlelb.admin;

import com.google.common.base.Suppliers;
import com.google.common.primitives.Bytes;
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
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
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
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
        return new Answer(200, writer.getContentType(), out -> {
            try {
                write(seen, process, family -> write(writer, family, out));
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            if (writer == openMetrics) {
                out.write(ExceptEnd.END);
            }
        });
    }

    private void write(Observation seen, OwnProcess process, Consumer<MetricSnapshot> to) {
        Families families = new Families(to);
        new InstanceMetrics(seen, AddressesMaker.addresses(seen), process).into(families);
        new ServiceMetrics(seen).into(families);
        new BackendMetrics(seen).into(families);
        jvm.get().scrape().forEach(to);
    }

    private void write(ExpositionFormatWriter writer, MetricSnapshot family, OutputStream out) {
        try {
            writer.write(
                    writer == openMetrics ? new ExceptEnd(out) : out,
                    MetricSnapshots.of(family),
                    EscapingScheme.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves out what OpenMetrics has as its last line, which the library writes after each family. */
    private static final class ExceptEnd extends OutputStream {
        static final byte[] END = "# EOF\n".getBytes(StandardCharsets.UTF_8);

        private final OutputStream out;
        private byte[] held = {};

        ExceptEnd(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            byte[] all = Bytes.concat(held, Arrays.copyOfRange(bytes, offset, offset + length));
            int rest = Math.max(0, all.length - END.length);
            out.write(all, 0, rest);
            held = Arrays.copyOfRange(all, rest, all.length);
        }
    }
}
