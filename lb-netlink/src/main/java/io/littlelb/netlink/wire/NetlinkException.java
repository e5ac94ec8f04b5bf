package io.littlelb.netlink.wire;

import io.littlelb.linux.Errno;
import java.io.IOException;

/** A request that the kernel refused, or an answer that makes no sense: what was tried, the errno, the kernel's own words. */
public final class NetlinkException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errno;
    private final int offset;

    private NetlinkException(String message, int errno, int offset) {
        super(message);
        this.errno = errno;
        this.offset = offset;
    }

    /**
     * The kernel said no.
     *
     * @param operation what was tried, such as {@code add address 198.18.0.9/24}
     * @param text what the kernel said beyond the errno, in its extended ack; may be empty
     * @param offset where in the request it found the fault, in bytes; -1 when it did not say
     */
    static NetlinkException refused(String operation, int errno, String text, int offset) {
        String words = text.isEmpty() ? "" : ": " + text;
        String where = offset < 0 ? "" : " (at byte " + offset + " of the request)";
        return new NetlinkException(operation + ": " + Errno.describe(errno) + words + where, errno, offset);
    }

    /** What came is not a message as the headers describe it. */
    public static NetlinkException malformed(String what) {
        return new NetlinkException("malformed netlink message: " + what, 0, -1);
    }

    /** The kernel changed under every one of the dumps we asked for: what it holds cannot be told now. */
    static NetlinkException interrupted(String operation, int attempts) {
        return new NetlinkException(
                operation + ": interrupted by changes " + attempts + " times in a row; not known for now", 0, -1);
    }

    /** The kernel's error number; 0 when it did not refuse but could not be understood. */
    public int errno() {
        return errno;
    }

    /** Where in the request the kernel found the fault, in bytes; -1 when it did not say. */
    public int offset() {
        return offset;
    }
}
