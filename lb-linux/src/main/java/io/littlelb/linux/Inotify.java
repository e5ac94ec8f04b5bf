package io.littlelb.linux;

import static io.littlelb.linux.Answer.checked;

/** inotify(7). */
final class Inotify {
    private Inotify() {}

    /** inotify_init1(2), not blocking. */
    static Fd open() throws SyscallException {
        return new Fd(checked("inotify_init1", "", LibC.INSTANCE.inotify_init1(Linux.O_NONBLOCK | Linux.O_CLOEXEC)));
    }

    /** inotify_add_watch(2); returns the watch's number. */
    static int add(Fd inotify, String path, int mask) throws SyscallException {
        return checked("inotify_add_watch", path, LibC.INSTANCE.inotify_add_watch(inotify.number(), path, mask));
    }

    /** inotify_rm_watch(2); one that the kernel has removed already is no matter. */
    static void remove(Fd inotify, int watch) {
        LibC.INSTANCE.inotify_rm_watch(inotify.number(), watch);
    }
}
