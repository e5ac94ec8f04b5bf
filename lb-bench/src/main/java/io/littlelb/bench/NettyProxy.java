package io.littlelb.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;

/** What one would write with Netty: its epoll transport, one event loop, pooled buffers. A process of its own, to compare with. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes its channel, and that is seen
final class NettyProxy {
    private static final int BACKLOG = 4096;

    private NettyProxy() {}

    /**
     * Runs until it is killed.
     *
     * @param arguments as often as one likes: own IP, own port, backend's IP, backend's port
     */
    public static void main(String[] arguments) throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        for (int i = 0; i < arguments.length; i += 4) {
            InetSocketAddress backend = new InetSocketAddress(arguments[i + 2], Integer.parseInt(arguments[i + 3]));
            new ServerBootstrap()
                    .group(loop)
                    .channel(EpollServerSocketChannel.class)
                    .option(ChannelOption.SO_BACKLOG, BACKLOG)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childHandler(initializer(backend))
                    .bind(arguments[i], Integer.parseInt(arguments[i + 1]))
                    .sync();
        }
        Thread.currentThread().join();
    }

    private static ChannelInitializer<DuplexChannel> initializer(InetSocketAddress backend) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(DuplexChannel client) {
                dial(client, backend);
            }
        };
    }

    private static void dial(DuplexChannel client, InetSocketAddress backend) {
        ChannelFuture dialled = new Bootstrap()
                .group(client.eventLoop())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new Relay(client))
                .connect(backend);
        DuplexChannel server = (DuplexChannel) dialled.channel();
        client.pipeline().addLast(new Relay(server));
        dialled.addListener(done -> {
            if (done.isSuccess()) {
                client.config().setAutoRead(true);
                server.config().setAutoRead(true);
            } else {
                client.close();
            }
        });
    }

    /** Takes what comes from one side to the other, which holds it back when it has too much. */
    private static final class Relay extends ChannelInboundHandlerAdapter {
        private final DuplexChannel other;

        Relay(DuplexChannel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            other.write(bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            other.flush();
            context.channel().config().setAutoRead(other.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                other.config().setAutoRead(true);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                DuplexChannel channel = (DuplexChannel) context.channel();
                other.shutdownOutput().addListener(done -> {
                    if (channel.isOutputShutdown()) {
                        close(channel);
                        close(other);
                    }
                });
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            close(other);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            close(context.channel());
        }

        private static void close(Channel channel) {
            if (channel.isOpen()) {
                channel.close();
            }
        }
    }
}
