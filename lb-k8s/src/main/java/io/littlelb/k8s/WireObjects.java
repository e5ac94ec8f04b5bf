package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.util.TokenBuffer;

/**
 * How the objects that we follow come off the wire: one at a time. The client library reads a list as one document, in which a single object with a
 * value of the wrong kind would take all others along; here, that object alone becomes one that only knows its name and that it {@linkplain #check
 * cannot be read}.
 */
final class WireObjects {
    private static final Logger log = LoggerFactory.getLogger(WireObjects.class);
    private static final String UNREADABLE = "littlelb.io/unreadable";
    /** The API server bounds a document; another bound on what is in it would only keep all of a list from being read. */
    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNameLength(10_000_000)
            .maxNumberLength(10_000_000)
            .maxNestingDepth(10_000)
            .build();

    private WireObjects() {}

    /** What a client has to read with. */
    static KubernetesSerialization serialization() {
        JsonMapper mapper = JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(LIMITS).build())
                .addModule(new SimpleModule("littlelb").setDeserializerModifier(new OneByOne()))
                .build();
        return new OfTheWire(mapper);
    }

    /**
     * Reads events of watches as the JSON that they are. The library decodes them piece by piece and leaves a NUL behind for every byte that was not a
     * character of its own; an event that begins with one it takes for YAML, which knows characters that JSON may have and YAML may not.
     */
    private static final class OfTheWire extends KubernetesSerialization {
        OfTheWire(JsonMapper mapper) {
            super(mapper, true);
        }

        @Override
        public <T> T unmarshal(String text, Class<T> type) {
            return super.unmarshal(text.replace("\0", "").strip(), type); // JSON has no NUL but a written out one
        }
    }

    /** @throws UnreadableException when the object could not be read off the wire, saying why */
    static void check(HasMetadata object) {
        Optional<Object> why = why(object);
        if (why.isPresent()) {
            throw new UnreadableException(why.get().toString());
        }
    }

    static boolean isReadable(HasMetadata object) {
        return why(object).isEmpty();
    }

    private static Optional<Object> why(HasMetadata object) {
        Map<String, Object> beside = object instanceof Service service
                ? service.getAdditionalProperties()
                : object instanceof EndpointSlice slice
                        ? slice.getAdditionalProperties()
                        : object instanceof Node node ? node.getAdditionalProperties() : Map.of();
        return Given.part(beside, it -> it.get(UNREADABLE));
    }

    private static final class OneByOne extends ValueDeserializerModifier {
        private static final long serialVersionUID = 1;

        @Override
        public ValueDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
            Class<?> type = bean.getBeanClass();
            boolean followed = type == Service.class || type == EndpointSlice.class || type == Node.class;
            return followed ? new Guarded(deserializer) : deserializer;
        }
    }

    private static final class Guarded extends DelegatingDeserializer {
        Guarded(ValueDeserializer<?> reads) {
            super(reads);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> reads) {
            return new Guarded(reads);
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) {
            try (TokenBuffer whole = context.bufferAsCopyOfValue(parser)) {
                String why;
                try (JsonParser copy = whole.asParserOnFirstToken(context)) {
                    if (_delegatee.deserialize(copy, context) instanceof HasMetadata read
                            && read.getMetadata() != null) {
                        return read;
                    }
                    why = "metadata is not set";
                } catch (JacksonException malformed) {
                    why = malformed.getPathReference() + ": " + malformed.getOriginalMessage();
                }
                try (JsonParser copy = whole.asParserOnFirstToken(context)) {
                    return unreadable(context.readTree(copy), why);
                }
            }
        }

        private HasMetadata unreadable(JsonNode object, String why) {
            JsonNode metadata = object.path("metadata");
            Map<String, String> labels = new TreeMap<>();
            metadata.path("labels").forEachEntry((key, value) -> labels.put(key, value.asString("")));
            HasMetadata empty = empty(why);
            empty.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(metadata.path("namespace").asString(""))
                    .withName(metadata.path("name").asString(""))
                    .withUid(metadata.path("uid").asString(""))
                    .withResourceVersion(metadata.path("resourceVersion").asString(null))
                    .withLabels(labels)
                    .build());
            if (Given.name(empty).isEmpty()) {
                log.warn("The API server told of a {} without a name, which is left out: {}", empty.getKind(), why);
            }
            return empty;
        }

        private HasMetadata empty(String why) {
            if (handledType() == Service.class) {
                Service service = new Service();
                service.setAdditionalProperty(UNREADABLE, why);
                return service;
            }
            if (handledType() == Node.class) {
                Node node = new Node();
                node.setAdditionalProperty(UNREADABLE, why);
                return node;
            }
            EndpointSlice slice = new EndpointSlice();
            slice.setAdditionalProperty(UNREADABLE, why);
            return slice;
        }
    }
}
