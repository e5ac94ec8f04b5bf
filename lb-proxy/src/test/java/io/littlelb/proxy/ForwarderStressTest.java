package io.littlelb.proxy;

import io.littlelb.core.port.Forwarder;
import io.littlelb.testkit.contract.ForwarderTrafficContract;
import java.io.IOException;

/** With two loops, few kept pipes, and splice. */
class ForwarderStressTest extends ForwarderTrafficContract {
    @Override
    protected Forwarder open() throws IOException {
        return SpliceForwarder.open(ProxyConfig.DEFAULT.withLoops(2));
    }
}
