package io.littlelb.core.model;

/** Whether a backend is told, before the first byte of a connection, who the client is: HAProxy's PROXY protocol. */
public enum ProxyProtocol {
    OFF,
    /** In a line of text. */
    V1,
    /** In binary. */
    V2
}
