package io.littlelb.testkit.memory;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.port.Forwarder;
import io.littlelb.testkit.contract.ForwarderContract;
import java.io.IOException;
import java.util.List;

/** What the tests of the core rely on is what the real one does. */
class InMemoryForwarderTest extends ForwarderContract {
    private final InMemoryForwarder forwarder = new InMemoryForwarder();

    @Override
    protected Forwarder open() {
        return forwarder;
    }

    @Override
    protected Backends backends() {
        return new Backends.Listed(List.of(new Backend(InetAddresses.forString("127.0.0.1"), 80)));
    }

    @Override
    protected AutoCloseable connect(Frontend frontend) {
        forwarder.connect(frontend);
        return forwarder::settle;
    }

    @Override
    protected AutoCloseable occupy(Frontend frontend) {
        forwarder.gate(operation -> {
            throw new IOException("EADDRINUSE");
        });
        return () -> forwarder.gate(Gate.OPEN);
    }
}
