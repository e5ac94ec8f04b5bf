package io.littlelb.linux;

import jnr.ffi.Pointer;

/** An option of sockets with the value it is to have, ready to be set on a data path without making an object, setsockopt(2). */
public final class SocketOption {
    final int level;
    final int name;
    final Pointer value = Memory.allocate(Integer.BYTES);

    /** @param level and name such as {@code IPPROTO_TCP}, {@code TCP_NODELAY} */
    public SocketOption(int level, int name, int value) {
        this.level = level;
        this.name = name;
        this.value.putInt(0, value);
    }
}
