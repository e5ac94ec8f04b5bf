package io.littlelb.cli;

import io.littlelb.core.worker.ErrorHandler;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What is done when Java itself fails on a thread, mostly for lack of memory: the process says so and ends, at once and without cleaning up. The
 * addresses stay on the link with our mark, so whatever starts it again goes on from there; a process with a thread missing would look alive and serve nobody.
 */
final class LastWords {
    /** {@code EX_SOFTWARE} of {@code sysexits.h}. */
    static final int STATUS = 70;

    static final ErrorHandler HANDLER = (thread, error) -> {
        try {
            say(thread, error);
        } finally {
            Runtime.getRuntime().halt(STATUS);
        }
    };

    private static final byte[] WITHOUT_MEMORY =
            "lb: ended, for Java has no memory left even to say more\n".getBytes(StandardCharsets.UTF_8);

    private LastWords() {}

    /** Has threads that are not ours, such as those of the cluster's client, end the process in the same way. */
    static void listenEverywhere() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (failure instanceof Error error) {
                HANDLER.onError(thread.getName(), error);
            } else {
                org.slf4j.LoggerFactory.getLogger(LastWords.class)
                        .error("Thread {} has ended because of a bug", thread.getName(), failure);
            }
        });
    }

    /** To the descriptor, past all that buffers and formats. */
    private static void say(String thread, Error error) {
        byte[] words = WITHOUT_MEMORY;
        try {
            words = ("lb: ended with status " + STATUS + ": " + error + " on thread " + thread
                            + (error instanceof OutOfMemoryError
                                    ? "; give Java more memory with JAVA_TOOL_OPTIONS=-Xmx…, or allow fewer connections with --max-connections\n"
                                    : "\n"))
                    .getBytes(StandardCharsets.UTF_8);
            if (!(error instanceof OutOfMemoryError)) {
                error.printStackTrace();
            }
        } catch (OutOfMemoryError again) {
            words = WITHOUT_MEMORY;
        }
        try {
            new FileOutputStream(FileDescriptor.err).write(words);
        } catch (IOException nobodyListens) {
            // there is nobody left to tell
        }
    }
}
