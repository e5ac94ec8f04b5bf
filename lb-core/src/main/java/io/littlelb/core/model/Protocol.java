package io.littlelb.core.model;

/** The transport of a Service port, by the names of the Kubernetes API. */
public enum Protocol {
    TCP,
    UDP,
    SCTP
}
