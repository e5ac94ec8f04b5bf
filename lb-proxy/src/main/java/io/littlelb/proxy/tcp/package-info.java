/**
 * TCP: from the accepted client and the dialled backend to the last byte of either. Internal.
 *
 * <p>Each connection is owned by one loop. Start reading at {@code Connection}, which dials, tells the header, and copies both ways.
 */
package io.littlelb.proxy.tcp;
