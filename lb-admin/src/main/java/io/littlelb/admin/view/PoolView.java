package io.littlelb.admin.view;

import java.util.List;

/**
 * A pool.
 *
 * @param namespaces whose Services it serves; empty when all
 * @param size of all its ranges of one family
 * @param used how many of them are held by Services
 */
public record PoolView(String name, String family, List<String> namespaces, List<String> ranges, long size, long used) {
    public PoolView {
        namespaces = List.copyOf(namespaces);
        ranges = List.copyOf(ranges);
    }
}
