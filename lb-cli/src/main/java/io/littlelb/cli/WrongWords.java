package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, in the words of whoever wrote it: the flag as it is documented, the value, and what is allowed. */
final class WrongWords {
    private static final Pattern INVALID = Pattern.compile("^Invalid value for .*?: (?=')");
    private static final Pattern NO_PAIR = Pattern.compile("^Value for option .* should be in KEY=VALUE format.*$");
    private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?[0-9]{1,9}");

    private WrongWords() {}

    /** Has numbers and truths read by converters that know what to say of others. */
    static void install(CommandLine line) {
        line.registerConverter(Integer.class, wholeNumber());
        line.registerConverter(int.class, wholeNumber());
        line.registerConverter(Boolean.class, truth());
        line.registerConverter(boolean.class, truth());
    }

    private static ITypeConverter<Integer> wholeNumber() {
        return text -> {
            if (!WHOLE_NUMBER.matcher(text).matches()) {
                throw new TypeConversionException("'" + text + "' is no whole number");
            }
            return Integer.valueOf(text);
        };
    }

    private static ITypeConverter<Boolean> truth() {
        return text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new TypeConversionException("'" + text + "' is neither true nor false");
            }
            return Boolean.valueOf(text);
        };
    }

    /** In one sentence without its end. */
    static String of(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unknown) {
            return ofUnknown(unknown);
        }
        if (wrong instanceof MissingParameterException missing) {
            return missing.getMissing().stream().map(WrongWords::needed).collect(joining("; "));
        }
        if (wrong instanceof OverwrittenOptionException twice) {
            return twice.getOverwritten() instanceof OptionSpec option
                    ? flag(option) + " is given twice"
                    : twice.getMessage();
        }
        return ofValue(wrong);
    }

    private static String ofUnknown(UnmatchedArgumentException unknown) {
        List<String> near = unknown.getSuggestions();
        List<String> given = unknown.getUnmatched();
        String what = given.size() == 1
                ? "'" + given.get(0) + "' is not known"
                : given.stream().map(each -> "'" + each + "'").collect(joining(", ")) + " are not known";
        return near.isEmpty() ? what : what + "; did you mean " + String.join(" or ", near) + "?";
    }

    private static String needed(ArgSpec missing) {
        return missing instanceof OptionSpec option
                ? flag(option) + " needs a value: " + option.paramLabel()
                : "what is missing is " + missing.paramLabel();
    }

    private static String ofValue(ParameterException wrong) {
        if (!(wrong.getArgSpec() instanceof OptionSpec option)) {
            return wrong.getMessage();
        }
        String message = NO_PAIR.matcher(wrong.getMessage()).matches()
                ? "'" + wrong.getValue() + "' is not " + option.paramLabel()
                : INVALID.matcher(wrong.getMessage()).replaceFirst("");
        return flag(option) + ": " + message;
    }

    /** Of its names the one that is documented first. */
    private static String flag(OptionSpec option) {
        return option.names()[0];
    }
}
