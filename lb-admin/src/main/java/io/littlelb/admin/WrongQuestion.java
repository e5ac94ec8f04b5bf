package io.littlelb.admin;

/** What is asked makes no sense; the message says what would. */
final class WrongQuestion extends Exception {
    private static final long serialVersionUID = 1;

    WrongQuestion(String message) {
        super(message);
    }
}
