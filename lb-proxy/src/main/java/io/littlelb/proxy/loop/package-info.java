/** Threads and what lives on them: what is ready, what is due, what others have left to be done. Knows no protocol. */
package io.littlelb.proxy.loop;
