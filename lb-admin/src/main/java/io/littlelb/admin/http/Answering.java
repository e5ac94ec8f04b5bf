package io.littlelb.admin.http;

/** Whoever answers requests, from several threads at the same time. */
@FunctionalInterface
public interface Answering {
    /** Never waits for long; what it throws is told as a fault of this program. */
    Answer answer(Question question);
}
