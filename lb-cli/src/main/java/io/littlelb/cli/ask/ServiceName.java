package io.littlelb.cli.ask;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A Service as a person names it: {@code NAMESPACE/NAME}, or {@code NAME} of the namespace {@code default}. */
record ServiceName(String namespace, String name) {
    private static final Pattern FORM =
            Pattern.compile("(?:([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)/)?([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)");

    @Override
    public String toString() {
        return namespace + "/" + name;
    }

    /** @throws TypeConversionException when it is none */
    static ServiceName parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no name of a Service such as default/web, or web for one of default");
        }
        return new ServiceName(parts.group(1) == null ? "default" : parts.group(1), parts.group(2));
    }

    /** Reads it from a command line, as the value of a flag: an argument that need not be there is called unknown when it cannot be read. */
    static final class Reader implements ITypeConverter<ServiceName> {
        @Override
        public ServiceName convert(String text) {
            return parse(text);
        }
    }
}
