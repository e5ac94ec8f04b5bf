package io.littlelb.core.model;

/** Whether a backend is told, before the first byte of a connection, who the client is: HAProxy's PROXY protocol. */
public enum ProxyProtocol {
    OFF,
    /** In a line of text. */
    V1,
    /** In binary. */
    V2,
    /** In binary, with the extensions that came with the header of a proxy before: what it knows of the client's TLS, for one. */
    V2_TLV
}
