package io.littlelb.cli;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Gives every flag a default from the environment: {@code --node-selector} from {@code LB_NODE_SELECTOR}, and three from the
 * names that the program had in 2018. Other variables that begin with {@code LB_} are left alone: a Service called
 * {@code lb} makes Kubernetes set some in every pod.
 */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private static final Map<String, String> ANCESTORS =
            Map.of("--linkdevice", "LINK_DEVICE", "--debug", "DEBUG", "--kubeconfig", "KUBECONFIG");

    private final Map<String, String> environment;

    EnvironmentDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null; // picocli's word for "no default from here"
        }
        return value(option.longestName());
    }

    /** The value of a flag; null when there is none. */
    String value(String flag) {
        String variable = "LB_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
        return Stream.of(variable, ANCESTORS.getOrDefault(flag, variable))
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse(null);
    }
}
