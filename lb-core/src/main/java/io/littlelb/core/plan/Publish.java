package io.littlelb.core.plan;

/**
 * Where the address of a Service is told to the cluster.
 *
 * @param ingress in {@code status.loadBalancer.ingress}
 * @param externalIps in {@code spec.externalIPs}, through which pods reach the address without leaving the cluster
 */
public record Publish(boolean ingress, boolean externalIps) {
    /** In the status only. */
    public static final Publish STATUS = new Publish(true, false);
    /** In the external IPs only. */
    public static final Publish EXTERNAL_IPS = new Publish(false, true);
    /** In both. */
    public static final Publish BOTH = new Publish(true, true);
}
