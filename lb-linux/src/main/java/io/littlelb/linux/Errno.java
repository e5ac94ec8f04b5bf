package io.littlelb.linux;

import java.util.HashMap;
import java.util.Map;

/** The error numbers of {@code asm-generic/errno.h} that this project meets, with their names and texts. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int EPIPE = 32;
    public static final int ENOPROTOOPT = 92;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ECONNABORTED = 103;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ENOTCONN = 107;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;
    public static final int EINPROGRESS = 115;

    private static final Map<Integer, String> TEXTS = texts();

    private Errno() {}

    /** Name and text, for instance {@code EADDRINUSE (Address already in use)}; the bare number when it is none of these. */
    public static String describe(int errno) {
        return TEXTS.getOrDefault(errno, "errno " + errno);
    }

    private static Map<Integer, String> texts() {
        Map<Integer, String> texts = new HashMap<>();
        texts.put(EPERM, "EPERM (Operation not permitted)");
        texts.put(ENOENT, "ENOENT (No such file or directory)");
        texts.put(EINTR, "EINTR (Interrupted system call)");
        texts.put(EBADF, "EBADF (Bad file descriptor)");
        texts.put(EAGAIN, "EAGAIN (Resource temporarily unavailable)");
        texts.put(ENOMEM, "ENOMEM (Cannot allocate memory)");
        texts.put(EACCES, "EACCES (Permission denied)");
        texts.put(EEXIST, "EEXIST (File exists)");
        texts.put(ENODEV, "ENODEV (No such device)");
        texts.put(EINVAL, "EINVAL (Invalid argument)");
        texts.put(ENFILE, "ENFILE (Too many open files in system)");
        texts.put(EMFILE, "EMFILE (Too many open files)");
        texts.put(EPIPE, "EPIPE (Broken pipe)");
        texts.put(ENOPROTOOPT, "ENOPROTOOPT (Protocol not available)");
        texts.put(EAFNOSUPPORT, "EAFNOSUPPORT (Address family not supported by protocol)");
        texts.put(EOPNOTSUPP, "EOPNOTSUPP (Operation not supported)");
        texts.put(EADDRINUSE, "EADDRINUSE (Address already in use)");
        texts.put(EADDRNOTAVAIL, "EADDRNOTAVAIL (Cannot assign requested address)");
        texts.put(ENETDOWN, "ENETDOWN (Network is down)");
        texts.put(ENETUNREACH, "ENETUNREACH (Network is unreachable)");
        texts.put(ECONNABORTED, "ECONNABORTED (Software caused connection abort)");
        texts.put(ECONNRESET, "ECONNRESET (Connection reset by peer)");
        texts.put(ENOBUFS, "ENOBUFS (No buffer space available)");
        texts.put(ENOTCONN, "ENOTCONN (Transport endpoint is not connected)");
        texts.put(ETIMEDOUT, "ETIMEDOUT (Connection timed out)");
        texts.put(ECONNREFUSED, "ECONNREFUSED (Connection refused)");
        texts.put(EHOSTUNREACH, "EHOSTUNREACH (No route to host)");
        texts.put(EINPROGRESS, "EINPROGRESS (Operation now in progress)");
        return Map.copyOf(texts);
    }
}
