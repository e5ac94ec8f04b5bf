package io.littlelb.cli.ask;

/** A command has no answer to show: why, in one line that says what to do, and the status that it ends with. */
final class NotAnsweredException extends Exception {
    private static final long serialVersionUID = 1;

    static final int FAILED = 1;
    static final int WRONG_USE = 2;
    static final int NO_INSTANCE = 3;
    static final int NO_SUCH_SERVICE = 4;

    private final int status;

    NotAnsweredException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
