package io.littlelb.core.model;

/**
 * What has been counted on a link since it was looked at first.
 *
 * @param announcements frames that told the network where an address of ours is
 * @param conflicts times that another host was seen to use an address of ours, or one that we were about to use
 * @param repairs times that an address of ours was put back which something had taken off the link
 */
public record LinkCounters(long announcements, long conflicts, long repairs) {
    /** Nothing is counted. */
    public static final LinkCounters NONE = new LinkCounters(0, 0, 0);
}
