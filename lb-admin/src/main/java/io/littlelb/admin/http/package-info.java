/**
 * A small HTTP server on unix sockets and TCP: one request a connection, a deadline for each, and as many at once as a door lets in.
 *
 * <p>The protocol is Apache HttpCore's; what is here is who may come in, for how long, and who has to make way. It knows nothing of what is asked.
 *
 * <p>Start reading at {@link io.littlelb.admin.http.Door}.
 */
package io.littlelb.admin.http;
