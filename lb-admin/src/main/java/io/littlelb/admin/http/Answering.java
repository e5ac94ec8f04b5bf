package io.littlelb.admin.http;

/** Whoever answers requests, from several threads at the same time. */
@FunctionalInterface
public interface Answering {
    /** Whether the answer to a question is so little that it is given however many others ask: whether the program is well, above all. */
    default boolean isQuick(Question question) {
        return false;
    }

    /** Never waits for long; what it throws is told as a fault of this program. */
    Answer answer(Question question);
}
