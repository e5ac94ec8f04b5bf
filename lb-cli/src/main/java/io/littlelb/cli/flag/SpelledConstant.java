package io.littlelb.cli.flag;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Shown;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A constant as users spell it: {@code NODE_PORT} is written {@code node-port}. */
public abstract class SpelledConstant<E extends Enum<E>> implements ITypeConverter<E> {
    private final E[] constants;

    protected SpelledConstant(E[] constants) {
        this.constants = constants;
    }

    @Override
    public E convert(String text) {
        return Stream.of(constants)
                .filter(constant -> spelled(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                        + Stream.of(constants).map(this::spelled).collect(joining(", "))));
    }

    /** How users write it; otherwise in the field's own spelling. */
    protected String spelled(E constant) {
        return Shown.word(constant);
    }
}
