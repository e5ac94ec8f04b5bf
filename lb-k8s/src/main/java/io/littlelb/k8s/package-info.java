/**
 * Services, nodes and EndpointSlices from the Kubernetes API; statuses and Events back to it.
 *
 * <p>Informers of the client library keep caches on threads of theirs; an event of any of them only says "look again". {@link
 * io.littlelb.k8s.KubernetesEndpointSource#snapshot} maps the caches to the core's model on the caller's thread. Whatever is
 * written, is written by the thread {@code lb-writer} of {@link io.littlelb.k8s.ServiceStatusWriter}.
 *
 * <p>Start reading at {@link io.littlelb.k8s.KubernetesEndpointSource}, then {@link io.littlelb.k8s.ServiceMapper}.
 */
package io.littlelb.k8s;
