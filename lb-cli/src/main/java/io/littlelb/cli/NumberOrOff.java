package io.littlelb.cli;

import java.util.OptionalInt;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 100}, or {@code off} as none. */
final class NumberOrOff implements ITypeConverter<OptionalInt> {
    @Override
    public OptionalInt convert(String text) {
        if (text.equals("off")) {
            return OptionalInt.empty();
        }
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new TypeConversionException("'" + text + "' is neither a number from 1 to 999999999 nor off");
        }
        return OptionalInt.of(Integer.parseInt(text));
    }
}
