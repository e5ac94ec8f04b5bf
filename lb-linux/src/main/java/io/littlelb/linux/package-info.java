/**
 * Linux system calls for the JVM, through JNR-FFI, under the names of their man pages.
 *
 * <p>Knows nothing of load balancing. There are two kinds of calls: those made now and then return what they made or throw
 * {@link io.littlelb.linux.SyscallException}; those on a data path return what the kernel itself returns, a count or a
 * negated errno, and make no objects. All repeat a call that a signal interrupted.
 *
 * <p>Everything here may be called from any thread. A descriptor or a buffer that two threads use at once is theirs to guard.
 *
 * <p>Start reading at {@link io.littlelb.linux.Linux}.
 */
package io.littlelb.linux;
