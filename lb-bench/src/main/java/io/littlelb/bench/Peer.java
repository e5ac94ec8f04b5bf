package io.littlelb.bench;

/** What stands between client and backend. */
enum Peer {
    OURS("ours", 5000, "", ""),
    OURS_BUSY("ours-busy", 5070, "", ""),
    BASELINE("baseline", 5090, "", ""),
    HAPROXY("haproxy", 5010, "haproxy", "haproxy"),
    HAPROXY_DEFAULT("haproxy-default", 5020, "haproxy", "haproxy"),
    NGINX("nginx", 5030, "nginx", "nginx-light libnginx-mod-stream"),
    NETTY("netty", 5080, "", ""),
    NIO("nio", 5040, "", ""),
    DNAT("dnat", 5050, "nft", "nftables"),
    DIRECT("direct", 5060, "", "");

    final String label;

    private final int firstPort;
    /** The command it needs; empty when there is none. */
    final String command;
    /** The Debian packages that the command comes in. */
    final String packages;

    Peer(String label, int firstPort, String command, String packages) {
        this.label = label;
        this.firstPort = firstPort;
        this.command = command;
        this.packages = packages;
    }

    /** Where it is reached for a service; every peer and service has a port of its own. */
    int port(Service service) {
        return firstPort + service.portOffset;
    }

    @Override
    public String toString() {
        return label;
    }
}
