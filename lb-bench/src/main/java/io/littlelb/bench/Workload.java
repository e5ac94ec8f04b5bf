package io.littlelb.bench;

/** What clients do, and in which unit it counts. */
enum Workload {
    BULK_1("bulk-1", "one stream from the backend", 1, Service.SOURCE),
    BULK_8("bulk-8", "eight streams from the backend", 8, Service.SOURCE),
    UPLOAD_1("upload-1", "one stream to the backend", 1, Service.SINK),
    UPLOAD_8("upload-8", "eight streams to the backend", 8, Service.SINK),
    KEEP_ALIVE_64("keep-alive-64", "HTTP requests on 64 kept connections", 64, Service.HTTP),
    PING_PONG_1("ping-pong-1", "64 bytes there and back, one connection", 1, Service.ECHO),
    PING_PONG_100("ping-pong-100", "64 bytes there and back, 100 connections", 100, Service.ECHO),
    BESIDE_IDLE(
            "beside-idle",
            "as ping-pong-100, beside 3 000 clients of another Service that never say a word",
            100,
            Service.ECHO),
    CHURN("churn", "connect, 64 bytes there and back, close; 32 at a time", 32, Service.ECHO),
    IDLE("idle", "connections that were used once and then rest", 0, Service.ECHO);

    private static final int NEIGHBOURS = 3_000;
    private static final double BITS_PER_GIGABIT = 1e9;

    final String label;
    final String description;
    final int connections;
    final Service service;

    Workload(String label, String description, int connections, Service service) {
        this.label = label;
        this.description = description;
        this.connections = connections;
        this.service = service;
    }

    boolean isBulk() {
        return service == Service.SOURCE || service == Service.SINK;
    }

    /** How many clients of another Service there are meanwhile. */
    int neighbours() {
        return this == BESIDE_IDLE ? NEIGHBOURS : 0;
    }

    /** The unit of {@link #rate}. */
    String rateUnit() {
        return this == IDLE ? "MB in all" : isBulk() ? "Gbit/s" : "/s";
    }

    /** The unit of {@link #cost}. */
    String costUnit() {
        return this == IDLE ? "KB each" : isBulk() ? "CPU s/GB" : "CPU us each";
    }

    /**
     * How fast the work went.
     *
     * @param count bytes for a bulk workload, exchanges for the others
     */
    double rate(long count, double seconds) {
        return isBulk() ? count * 8 / BITS_PER_GIGABIT / seconds : count / seconds;
    }

    /** What one unit of work cost the proxy. */
    double cost(long count, double cpuSeconds) {
        return isBulk() ? cpuSeconds / (count / 1e9) : cpuSeconds * 1e6 / count;
    }

    @Override
    public String toString() {
        return label;
    }
}
