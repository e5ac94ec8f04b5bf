package io.littlelb.linux;

/** What the C library answers, made an errno that is negated or an exception. */
final class Answer {
    private Answer() {}

    static int checked(String syscall, Object subject, int result) throws SyscallException {
        return checkedResult(syscall, subject, result(result));
    }

    static int checkedResult(String syscall, Object subject, int result) throws SyscallException {
        if (result < 0) {
            throw new SyscallException(syscall, subject.toString(), -result);
        }
        return result;
    }

    /** The result as the kernel gave it, before the C library put errno aside. */
    static int result(int result) {
        return result == -1 ? -LibC.RUNTIME.getLastError() : result;
    }

    static long result(long result) {
        return result == -1 ? -LibC.RUNTIME.getLastError() : result;
    }
}
