/**
 * A Kubernetes API server in this JVM, for tests and the demo: small, over plain HTTP, and real enough for {@code kubectl}
 * and for client libraries to use without a flag.
 *
 * <p>It has no controllers, no scheduler and no admission plug-ins: what a client writes is what is there, after defaulting. It
 * knows lists, watches with history and bookmarks, optimistic locking, all four kinds of patches, field ownership and
 * conflicts of server-side apply, the status subresource, tables, discovery; and it fails on demand.
 *
 * <p>Requests are served on threads of the JDK's HTTP server, one each; all objects live behind one lock, in {@link
 * io.littlelb.testkit.apiserver.Store}.
 *
 * <p>Start reading at {@link io.littlelb.testkit.apiserver.EmbeddedApiServer}, then {@link
 * io.littlelb.testkit.apiserver.ResourceRequests}.
 */
package io.littlelb.testkit.apiserver;
