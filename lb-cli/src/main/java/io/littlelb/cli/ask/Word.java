package io.littlelb.cli.ask;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Shown;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One of a few words: a constant as {@link Shown#word} spells it. */
abstract class Word<E extends Enum<E>> implements ITypeConverter<E> {
    private final E[] constants;

    Word(E[] constants) {
        this.constants = constants;
    }

    @Override
    public E convert(String text) {
        return Stream.of(constants)
                .filter(constant -> Shown.word(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is none of "
                        + Stream.of(constants).map(Shown::word).collect(joining(", "))));
    }
}
