package io.littlelb.linux;

import java.io.IOException;

/** A system call that the kernel refused: which one, on what, and with which errno. */
public final class SyscallException extends IOException {
    private static final long serialVersionUID = 1;

    private final String syscall;
    private final int errno;

    /**
     * @param syscall the name of the call, such as {@code bind}
     * @param subject what it was made on, such as {@code 198.18.0.9:80}; may be empty
     */
    public SyscallException(String syscall, String subject, int errno) {
        super(syscall + (subject.isEmpty() ? "" : " " + subject) + ": " + Errno.describe(errno));
        this.syscall = syscall;
        this.errno = errno;
    }

    /** The same, and what else is known of it. */
    public SyscallException(SyscallException refused, String more) {
        super(refused.getMessage() + ": " + more, refused);
        this.syscall = refused.syscall;
        this.errno = refused.errno;
    }

    /** The name of the call. */
    public String syscall() {
        return syscall;
    }

    /** The kernel's number for what went wrong; see {@link Errno}. */
    public int errno() {
        return errno;
    }
}
