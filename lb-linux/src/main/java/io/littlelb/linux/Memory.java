package io.littlelb.linux;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;

/** Native memory, given back when the object that stands for it is collected. */
public final class Memory {
    private Memory() {}

    /** Zeroed memory. */
    public static Pointer allocate(int bytes) {
        return LibC.RUNTIME.getMemoryManager().allocateDirect(bytes, true);
    }

    /** The memory behind a direct buffer, from its first byte on, whatever its position. The buffer must outlive its use. */
    public static Pointer of(ByteBuffer direct) {
        if (!direct.isDirect()) {
            throw new IllegalArgumentException("a buffer on the heap has no address");
        }
        return Pointer.wrap(LibC.RUNTIME, direct.duplicate().clear());
    }
}
