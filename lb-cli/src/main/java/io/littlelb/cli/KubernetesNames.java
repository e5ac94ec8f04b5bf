package io.littlelb.cli;

import io.littlelb.core.model.Shown;
import java.util.regex.Pattern;

/** Names as Kubernetes allows them ("Object Names and IDs"): one that it does not would be waited for in vain. */
final class KubernetesNames {
    /** RFC 1123: a DNS label. */
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    /** {@code spec.loadBalancerClass}: a label's key, with or without a prefix. */
    private static final Pattern CLASS =
            Pattern.compile("([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    private KubernetesNames() {}

    static void checkNamespace(String flag, String name) throws UsageException {
        if (!LABEL.matcher(name).matches()) {
            throw new UsageException(flag + ": no namespace can be called " + Shown.quoted(name)
                    + "; its name has lower-case letters, digits and \"-\"");
        }
    }

    static void checkClass(String flag, String name) throws UsageException {
        if (!CLASS.matcher(name).matches()) {
            throw new UsageException(flag + ": no Service can have the class " + Shown.quoted(name)
                    + "; it is written as example.com/internal or internal");
        }
    }
}
