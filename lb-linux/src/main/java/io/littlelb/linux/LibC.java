package io.littlelb.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The C library's signatures, as JNR-FFI wants them; {@link Linux} is what to call.
 *
 * <p>A call with six integer arguments must have a {@link Pointer} among its parameters, where null is NULL: the stub that
 * JNR generates for six primitives passes the sixth one wrongly on x86-64 (jnr-ffi issue 181).
 */
public interface LibC {
    /** The C library of this process. */
    LibC INSTANCE = LibraryLoader.create(LibC.class).load("c");

    /** What memory for this library is allocated with. */
    Runtime RUNTIME = Runtime.getRuntime(INSTANCE);

    int socket(int domain, int type, int protocol);

    int bind(int fd, Pointer address, int length);

    int listen(int fd, int backlog);

    int accept4(int fd, Pointer address, Pointer length, int flags);

    int connect(int fd, Pointer address, int length);

    int shutdown(int fd, int how);

    int setsockopt(int fd, int level, int name, Pointer value, int length);

    int getsockopt(int fd, int level, int name, Pointer value, Pointer length);

    int getsockname(int fd, Pointer address, Pointer length);

    @ssize_t
    long read(int fd, Pointer buffer, @size_t long count);

    @ssize_t
    long write(int fd, Pointer buffer, @size_t long count);

    @ssize_t
    long send(int fd, Pointer buffer, @size_t long count, int flags);

    @ssize_t
    long recv(int fd, Pointer buffer, @size_t long count, int flags);

    @ssize_t
    long sendto(int fd, Pointer buffer, @size_t long count, int flags, Pointer address, int length);

    @ssize_t
    long recvfrom(int fd, Pointer buffer, @size_t long count, int flags, Pointer address, Pointer length);

    @ssize_t
    long splice(int in, Pointer offsetIn, int out, Pointer offsetOut, @size_t long count, int flags);

    int pipe2(Pointer fds, int flags);

    int fcntl(int fd, int command, int argument);

    int ioctl(int fd, long request, Pointer argument);

    int epoll_create1(int flags);

    int epoll_ctl(int epoll, int operation, int fd, Pointer event);

    int epoll_wait(int epoll, Pointer events, int maxEvents, int timeoutMillis);

    int eventfd(int initial, int flags);

    int inotify_init1(int flags);

    int inotify_add_watch(int fd, String path, int mask);

    int inotify_rm_watch(int fd, int watch);

    int poll(Pointer fds, long count, int timeoutMillis);

    int open(String path, int flags);

    int close(int fd);

    int unshare(int flags);

    int setns(int fd, int type);

    int gettid();
}
