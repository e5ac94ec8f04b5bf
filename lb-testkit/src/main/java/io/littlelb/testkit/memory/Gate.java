package io.littlelb.testkit.memory;

import java.io.IOException;

/** Decides whether an operation of an in-memory port goes through; a test's way to have the world fail. */
@FunctionalInterface
public interface Gate {
    /** Everything goes through. */
    Gate OPEN = operation -> {};

    /**
     * Lets an operation through by returning.
     *
     * @throws IOException what the caller of the operation gets instead
     */
    void pass(String operation) throws IOException;
}
