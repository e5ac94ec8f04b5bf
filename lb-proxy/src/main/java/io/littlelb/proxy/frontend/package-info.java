/**
 * A frontend and its clients, of whatever protocol: which backend each is sent to, how many there may be, what is counted. Internal.
 *
 * <p>Written by the loops, read from any thread. Start reading at {@code OpenFrontend}.
 */
package io.littlelb.proxy.frontend;
