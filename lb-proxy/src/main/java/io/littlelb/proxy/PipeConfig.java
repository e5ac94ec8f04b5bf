package io.littlelb.proxy;

/**
 * The pipes through which streams go, two descriptors each; what finds none is copied.
 *
 * @param bytes how much one holds; a smaller one is used where the system allows no more
 * @param most how many a loop has at most. While their readers are slow they hold memory that no account shows
 * @param pooled how many empty ones a loop keeps for the next burst
 */
public record PipeConfig(int bytes, int most, int pooled) {
    public PipeConfig {
        Checked.atLeast(1, "bytes", bytes);
        Checked.atLeast(0, "most", most);
        Checked.atLeast(0, "pooled", pooled);
    }
}
