package io.littlelb.linux;

import static io.littlelb.linux.Answer.checked;

/** The calling thread and its namespaces, namespaces(7). */
public final class Namespaces {
    // sched.h
    public static final int CLONE_NEWNET = 0x40000000;

    private Namespaces() {}

    /** unshare(2) of the calling thread. */
    public static void unshare(int flags) throws SyscallException {
        checked("unshare", "", LibC.INSTANCE.unshare(flags));
    }

    /** setns(2) of the calling thread into a network namespace. */
    public static void setNetworkNamespace(Fd namespace) throws SyscallException {
        checked("setns", namespace, LibC.INSTANCE.setns(namespace.number(), CLONE_NEWNET));
    }

    /** gettid(2): the kernel's number of the calling thread. */
    public static int gettid() {
        return LibC.INSTANCE.gettid();
    }
}
