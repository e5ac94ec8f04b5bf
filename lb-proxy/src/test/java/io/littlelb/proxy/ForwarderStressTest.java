package io.littlelb.proxy;

import io.littlelb.core.port.Forwarder;
import io.littlelb.testkit.contract.ForwarderContract;
import java.io.IOException;

/** With two loops, few kept pipes, and splice. */
class ForwarderStressTest extends ForwarderContract {
    @Override
    protected Forwarder open() throws IOException {
        return SpliceForwarder.open(ProxyConfig.DEFAULT.withLoops(2));
    }
}
