package io.littlelb.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PipePoolTest {
    private static final int BYTES = 256 * 1024;

    @Test
    void lendsNoMorePipesThanAllowed() {
        try (PipePool pool = new PipePool(BYTES, 1, 2, true)) {
            assertThat(pool.hasPipe()).isTrue();
            PipePool.Pipe first = pool.borrow();
            assertThat(first.capacity()).isGreaterThanOrEqualTo(PipePool.COPY_BYTES);
            assertThat(pool.hasPipe()).isTrue();
            PipePool.Pipe second = pool.borrow();

            assertThat(pool.hasPipe()).as("two are lent").isFalse();
            pool.giveBack(first);
            assertThat(pool.hasPipe()).isTrue();
            assertThat(pool.borrow()).as("the same one").isSameAs(first);
            pool.discard(second);
            assertThat(pool.hasPipe()).isTrue();
        }
    }

    @Test
    void hasNoneWhereSpliceDoesNotWork() {
        try (PipePool pool = new PipePool(BYTES, 1, 2, false)) {
            assertThat(pool.hasPipe()).isFalse();
        }
    }
}
