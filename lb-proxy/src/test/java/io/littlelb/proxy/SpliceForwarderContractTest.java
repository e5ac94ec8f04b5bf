package io.littlelb.proxy;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.port.Forwarder;
import io.littlelb.testkit.contract.ForwarderContract;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same as of the fake that the core is tested with, on real sockets. */
@ExtendWith(InNetworkNamespace.class)
class SpliceForwarderContractTest extends ForwarderContract {
    private TcpServer echo;

    @BeforeEach
    void serve() throws IOException {
        echo = TcpServer.start(InetAddress.getLoopbackAddress(), 0, TcpServer.echo());
    }

    @AfterEach
    void close() throws IOException {
        echo.close();
    }

    @Override
    protected Forwarder open() throws IOException {
        return SpliceForwarder.open(ProxyConfig.DEFAULT.withLoops(2));
    }

    @Override
    protected Backends backends() {
        return new Backends.Listed(List.of(new Backend(InetAddress.getLoopbackAddress(), echo.port())));
    }

    @Override
    protected AutoCloseable connect(Frontend frontend) throws IOException {
        Socket client = new Socket(frontend.ip(), frontend.port());
        client.getOutputStream().write('x');
        if (client.getInputStream().read() != 'x') {
            throw new IOException("not echoed");
        }
        return client;
    }

    @Override
    protected AutoCloseable occupy(Frontend frontend) throws IOException {
        return new ServerSocket(frontend.port(), 1, frontend.ip());
    }
}
