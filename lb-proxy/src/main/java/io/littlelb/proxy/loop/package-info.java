/**
 * Threads and what lives on them: what is ready, what is due, what others have left to be done. Knows no protocol. Internal.
 *
 * <p>Start reading at {@code EventLoop}, and who lives there: {@code Resident}.
 */
package io.littlelb.proxy.loop;
