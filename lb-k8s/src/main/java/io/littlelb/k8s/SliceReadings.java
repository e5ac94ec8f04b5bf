package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.k8s.EndpointSliceBackends.MappedSlice;
import io.littlelb.k8s.Readings.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The EndpointSlices of Services in the core's terms; one that is still the same object is not read again. For one thread at a time. */
final class SliceReadings {
    private final Function<ServiceKey, List<EndpointSlice>> slices;
    private final Readings readings;
    /** Of each Service, its slices by name as they were last read. */
    private final Map<ServiceKey, Map<String, Reading>> read = new HashMap<>();

    /** @param slices those of a Service, as the API server last told of them */
    SliceReadings(Function<ServiceKey, List<EndpointSlice>> slices, Readings readings) {
        this.slices = slices;
        this.readings = readings;
    }

    /**
     * What was made of a slice.
     *
     * @param of the object that was looked at
     * @param mapped empty when it could never be read
     */
    private record Reading(EndpointSlice of, Optional<MappedSlice> mapped) {}

    /** Those of a Service that can be read, or could be. */
    List<MappedSlice> of(ServiceKey service) {
        Map<String, Reading> before = read.getOrDefault(service, Map.of());
        Map<String, Reading> now = new HashMap<>();
        for (EndpointSlice slice : slices.apply(service)) {
            String name = Given.name(slice);
            now.put(name, read(service, slice, Optional.ofNullable(before.get(name))));
        }
        before.keySet().stream()
                .filter(name -> !now.containsKey(name))
                .forEach(name -> readings.forget(subject(service, name)));
        read.put(service, now);
        return now.values().stream()
                .flatMap(reading -> reading.mapped().stream())
                .toList();
    }

    /** A Service is not there any more. */
    void forget(ServiceKey service) {
        Map<String, Reading> gone = read.remove(service);
        if (gone != null) {
            gone.keySet().forEach(name -> readings.forget(subject(service, name)));
        }
    }

    @SuppressWarnings("ReferenceEquality") // the caches keep an object until it is another
    private Reading read(ServiceKey service, EndpointSlice slice, Optional<Reading> before) {
        if (before.filter(reading -> reading.of() == slice).isPresent()) {
            return before.get();
        }
        Optional<MappedSlice> last = before.flatMap(Reading::mapped);
        return new Reading(
                slice, readings.read(subject(service, Given.name(slice)), () -> MappedSlice.of(slice), () -> last));
    }

    private static Subject subject(ServiceKey service, String name) {
        return new Subject("EndpointSlice", service.namespace(), name, Optional.of(service));
    }
}
