package io.littlelb.k8s;

import io.littlelb.core.model.Shown;

/** A text that is no manifest of one Service: one line that says what it is instead, or what is wrong in it. */
public final class ManifestException extends Exception {
    private static final long serialVersionUID = 1;

    ManifestException(String message) {
        super(Shown.escaped(message));
    }

    ManifestException(String message, Throwable cause) {
        super(Shown.escaped(message), cause);
    }
}
