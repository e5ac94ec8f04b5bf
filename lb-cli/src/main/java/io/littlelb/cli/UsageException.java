package io.littlelb.cli;

/** A wrong flag, value or file: one line that names it and says what is allowed. The program ends with 2, nothing touched. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }

    UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
