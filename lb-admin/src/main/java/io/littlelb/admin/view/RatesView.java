package io.littlelb.admin.view;

/**
 * How fast something moves, averaged over the last second or the last few.
 *
 * @param connections new ones a second
 * @param bytesIn a second, from clients to backends
 * @param bytesOut a second, from backends to clients
 */
public record RatesView(double connections, double bytesIn, double bytesOut) {
    /** Nothing moves. */
    public static final RatesView NONE = new RatesView(0, 0, 0);

    /** Both together. */
    public RatesView plus(RatesView other) {
        return new RatesView(connections + other.connections, bytesIn + other.bytesIn, bytesOut + other.bytesOut);
    }
}
