/**
 * Services, nodes and EndpointSlices from the Kubernetes API; statuses and Events back to it.
 *
 * <p>Informers of the client library keep caches on threads of theirs ({@link io.littlelb.k8s.ClusterCaches}); an event of any of them says
 * "look again", and which Service or node to read again. {@link io.littlelb.k8s.KubernetesEndpointSource#snapshot} does so on the caller's
 * thread, in the core's terms ({@link io.littlelb.k8s.ClusterView}). Objects come off the wire one at a time ({@code WireObjects}), no field of
 * them is trusted to be there ({@code Given}), and one that makes no sense costs nobody else anything ({@code Readings}).
 *
 * <p>Whatever is written, is written by the threads {@code lb-writer-1} to {@code lb-writer-8} of {@link io.littlelb.k8s.ServiceStatusWriter}: what is
 * wished for waits in {@code WishQueue}, {@code Granting} compares it with the Service, {@code StatusRequests} patches. What is wrong with a Service has
 * four names, for as far as it has come: a {@code Problem} is found (a reason with its detail), a condition of the status has it (one that holds all the
 * same is a remark), a complaint is the Event that says it once, and once more when it is mended ({@code Complaints}).
 *
 * <p>Start reading at {@link io.littlelb.k8s.KubernetesEndpointSource}, then {@link io.littlelb.k8s.ServiceMapper}.
 */
package io.littlelb.k8s;
