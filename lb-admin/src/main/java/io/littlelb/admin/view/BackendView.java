package io.littlelb.admin.view;

import java.util.Optional;

/**
 * One backend of one frontend.
 *
 * @param state {@code answers}, {@code ejected}, {@code untried} (nobody has been sent to it yet), {@code gone} (no longer listed, connections remain)
 * @param connections now
 * @param accepted connections so far
 * @param failed dials that it refused or did not answer in time
 * @param dialSeconds how long it took to answer; left out before the first answer
 */
public record BackendView(
        String service,
        String frontend,
        String protocol,
        String backend,
        String state,
        long connections,
        long accepted,
        long failed,
        long bytesIn,
        long bytesOut,
        Optional<OfDials> dialSeconds,
        Optional<OfEjection> ejection) {
    /**
     * How long connections to it took to be established, by the bounds of a histogram's buckets: not more than this; but the largest bound, 5, stands for more, too.
     *
     * @param p50 half of them
     * @param p99 ninety-nine of a hundred
     */
    public record OfDials(double p50, double p99) {}

    /**
     * Why it gets no clients for now.
     *
     * @param lastingSeconds for how long it has been
     * @param why what it did when it was last asked
     * @param askedAgainInSeconds when it is asked whether it answers now; 0 while it is being asked
     */
    public record OfEjection(double lastingSeconds, String why, double askedAgainInSeconds) {}
}
