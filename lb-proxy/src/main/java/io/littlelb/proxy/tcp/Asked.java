package io.littlelb.proxy.tcp;

import io.littlelb.core.model.Backend;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.BackendTally;

/** A backend that a connection has asked, and that may have answered: counts as active there until it is closed. Owned by one event loop. */
final class Asked {
    final Backend backend;
    final BackendTally tally;
    final End end;
    /** When it was: what it may take does not begin before. */
    final long nanos;

    private Asked(Backend backend, BackendTally tally, End end, long nanos) {
        this.backend = backend;
        this.tally = tally;
        this.end = end;
        this.nanos = nanos;
    }

    /** @param socket is closed with it, or when this fails */
    static Asked of(Connection connection, Backend backend, Fd socket) {
        try {
            BackendTally tally = connection.frontend().tally(backend);
            Asked asked = new Asked(backend, tally, new End(socket, connection, 0), connection.loop.clock());
            tally.dialled(); // so that those that come together spread
            return asked;
        } catch (RuntimeException | Error fault) {
            socket.close();
            throw fault;
        }
    }

    void watch() throws SyscallException {
        end.watch();
    }

    /** Once. */
    void close() {
        end.close();
        tally.ended();
    }

    @Override
    public String toString() {
        return backend.toString();
    }
}
