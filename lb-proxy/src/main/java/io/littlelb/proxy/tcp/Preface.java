package io.littlelb.proxy.tcp;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Linux;
import jnr.ffi.Pointer;

/** What a backend is told before the client's first byte; it may be more than a new socket has room for. Owned by one event loop. */
final class Preface {
    private static final byte[] NOTHING = {};

    private final End backend;
    private byte[] left;
    private int sent;

    Preface(byte[] bytes, End backend) {
        this.left = bytes;
        this.backend = backend;
    }

    /** Sends what can be sent; whether nothing of it is left, and the client's own bytes may follow. */
    boolean isSent(PipePool pipes) {
        while (sent < left.length && backend.writable && !backend.isBroken()) {
            send(pipes.copyBuffer());
        }
        if (sent == left.length || backend.isBroken()) {
            left = NOTHING;
            sent = 0;
        }
        return left.length == 0;
    }

    private void send(Pointer buffer) {
        int length = Math.min(left.length - sent, PipePool.COPY_BYTES);
        buffer.put(0, left, sent, length);
        long result = Linux.send(backend.fd, buffer, length, 0);
        if (result >= 0) {
            sent += (int) result;
        } else if (result == -Errno.EAGAIN) {
            backend.writable = false;
        } else {
            backend.breakOffWhenAsked();
        }
    }
}
