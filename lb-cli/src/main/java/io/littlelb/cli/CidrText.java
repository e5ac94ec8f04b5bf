package io.littlelb.cli;

import io.littlelb.core.model.Cidr;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A network as users write it: {@code 198.18.0.0/24}. */
final class CidrText implements ITypeConverter<Cidr> {
    @Override
    public Cidr convert(String text) {
        return Cidr.parse(text)
                .orElseThrow(() -> new TypeConversionException(
                        "'" + text + "' is not ADDRESS/LENGTH such as 198.18.0.0/24 or 2001:db8::/64"));
    }
}
