package io.littlelb.core.model;

/** The range every port of the model is held to. */
final class Ports {
    private Ports() {}

    static void check(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not in 1..65535");
        }
    }
}
