package io.littlelb.netlink;

import static io.littlelb.netlink.Rtnetlink.NLMSGERR_ATTR_MSG;
import static io.littlelb.netlink.Rtnetlink.NLMSGERR_ATTR_OFFS;
import static io.littlelb.netlink.Rtnetlink.NLMSG_DONE;
import static io.littlelb.netlink.Rtnetlink.NLMSG_ERROR;
import static io.littlelb.netlink.Rtnetlink.NLM_F_ACK;
import static io.littlelb.netlink.Rtnetlink.NLM_F_ACK_TLVS;
import static io.littlelb.netlink.Rtnetlink.NLM_F_CAPPED;
import static io.littlelb.netlink.Rtnetlink.NLM_F_DUMP;
import static io.littlelb.netlink.Rtnetlink.NLM_F_DUMP_INTR;
import static io.littlelb.netlink.Rtnetlink.NLM_F_REQUEST;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Asks the kernel, one request at a time, and waits for its answer, which is at once. For one thread at a time. */
final class NetlinkConnection implements AutoCloseable {
    private static final int LARGEST_REQUEST = 4 * 1024;
    private static final int ATTEMPTS = 10;

    private final NetlinkSocket socket;
    private final ByteBuffer request = ByteBuffer.allocateDirect(LARGEST_REQUEST);
    private int sequence;

    private NetlinkConnection(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Connects in the calling thread's network namespace. */
    static NetlinkConnection open() throws IOException {
        return new NetlinkConnection(NetlinkSocket.open(0));
    }

    /** Reads one message of an answer. */
    @FunctionalInterface
    interface Reader<T> {
        T read(ByteBuffer payload) throws NetlinkException;
    }

    /**
     * Asks for a change.
     *
     * @param operation what is tried, for the error
     * @throws NetlinkException when the kernel refuses
     */
    void change(String operation, int type, int flags, Consumer<ByteBuffer> payload) throws IOException {
        send(type, NLM_F_REQUEST | NLM_F_ACK | flags, payload);
        if (answer(operation, type, bytes -> bytes).interrupted()) {
            throw NetlinkException.interrupted(operation, 1);
        }
    }

    /** Asks for one object; the kernel's answer to a request of a type is of the type two below it. */
    <T> T get(String operation, int type, Consumer<ByteBuffer> payload, Reader<T> reader) throws IOException {
        send(type, NLM_F_REQUEST | NLM_F_ACK, payload);
        List<T> found = answer(operation, type, reader).items();
        if (found.size() != 1) {
            throw NetlinkException.malformed(operation + " was answered with " + found.size() + " objects");
        }
        return found.get(0);
    }

    /**
     * Asks for all objects of a kind.
     *
     * @throws NetlinkException also when the kernel's tables keep changing: what it said then is no evidence
     */
    <T> List<T> dump(String operation, int type, Consumer<ByteBuffer> payload, Reader<T> reader) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            send(type, NLM_F_REQUEST | NLM_F_DUMP, payload);
            Answer<T> answer = answer(operation, type, reader);
            if (!answer.interrupted()) {
                return answer.items();
            }
        }
        throw NetlinkException.interrupted(operation, ATTEMPTS);
    }

    private record Answer<T>(List<T> items, boolean interrupted) {}

    private void send(int type, int flags, Consumer<ByteBuffer> payload) throws IOException {
        NetlinkMessage.begin(request, type, flags, ++sequence);
        payload.accept(request);
        NetlinkMessage.end(request);
        socket.send(request);
    }

    /** Reads to the end of the answer, which is an ack or {@code NLMSG_DONE}, so that none of it is left for the next one. */
    private <T> Answer<T> answer(String operation, int type, Reader<T> reader) throws IOException {
        List<T> items = new ArrayList<>();
        boolean interrupted = false;
        while (true) {
            if (socket.receive(true) == NetlinkSocket.Received.OVERRUN) {
                return new Answer<>(items, true); // its end may be among what is lost
            }
            ByteBuffer datagram = socket.datagram();
            while (datagram.hasRemaining()) {
                NetlinkMessage message = NetlinkMessage.next(datagram);
                boolean ours = message.sequence() == sequence && message.portId() == socket.portId();
                if (!ours) {
                    continue; // the rest of an answer that was given up
                }
                interrupted |= (message.flags() & NLM_F_DUMP_INTR) != 0;
                if (message.type() == NLMSG_ERROR || message.type() == NLMSG_DONE) {
                    checkEnd(operation, message);
                    return new Answer<>(items, interrupted);
                }
                if (message.type() == type - 2) {
                    items.add(reader.read(message.payload()));
                }
            }
        }
    }

    /**
     * {@code struct nlmsgerr}: s32 negative errno, or 0 for an ack; then the header of the request, and unless capped its
     * payload; then attributes with the kernel's words. {@code NLMSG_DONE} has the s32 and the attributes.
     */
    static void checkEnd(String operation, NetlinkMessage message) throws NetlinkException {
        ByteBuffer payload = message.payload();
        boolean done = message.type() == NLMSG_DONE;
        if (payload.remaining() < Integer.BYTES) {
            if (done) {
                return; // older kernels end a dump without a word
            }
            throw NetlinkException.malformed("an nlmsgerr of " + payload.remaining() + " bytes");
        }
        int errno = -payload.getInt(payload.position());
        if (errno == 0) {
            return;
        }
        String text = "";
        int offset = -1;
        if ((message.flags() & NLM_F_ACK_TLVS) != 0) {
            AttributeReader words = new AttributeReader(words(payload, done, (message.flags() & NLM_F_CAPPED) != 0));
            while (words.next()) {
                switch (words.type()) {
                    case NLMSGERR_ATTR_MSG -> text = words.string();
                    case NLMSGERR_ATTR_OFFS -> offset = words.intValue();
                    default -> {} // policies and cookies say nothing to a person
                }
            }
            words.check();
        }
        throw NetlinkException.refused(operation, errno, text, offset);
    }

    private static ByteBuffer words(ByteBuffer payload, boolean done, boolean capped) throws NetlinkException {
        int start = payload.position() + Integer.BYTES;
        if (!done) {
            boolean hasRequest = payload.limit() - start >= NetlinkMessage.HEADER_LENGTH;
            int requestLength = hasRequest && !capped ? payload.getInt(start) : NetlinkMessage.HEADER_LENGTH;
            boolean fits = requestLength >= NetlinkMessage.HEADER_LENGTH && requestLength <= payload.limit() - start;
            if (!hasRequest || !fits) {
                throw NetlinkException.malformed("an nlmsgerr that does not hold the request it is about");
            }
            start = Math.min(start + NetlinkMessage.align(requestLength), payload.limit());
        }
        return payload.slice(start, payload.limit() - start);
    }

    @Override
    public void close() {
        socket.close();
    }
}
