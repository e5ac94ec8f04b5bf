package io.littlelb.netlink.wire;

import static io.littlelb.netlink.wire.Netlink.NLMSGERR_ATTR_MSG;
import static io.littlelb.netlink.wire.Netlink.NLMSGERR_ATTR_OFFS;
import static io.littlelb.netlink.wire.Netlink.NLMSG_DONE;
import static io.littlelb.netlink.wire.Netlink.NLMSG_ERROR;
import static io.littlelb.netlink.wire.Netlink.NLM_F_ACK;
import static io.littlelb.netlink.wire.Netlink.NLM_F_ACK_TLVS;
import static io.littlelb.netlink.wire.Netlink.NLM_F_CAPPED;
import static io.littlelb.netlink.wire.Netlink.NLM_F_DUMP;
import static io.littlelb.netlink.wire.Netlink.NLM_F_DUMP_INTR;
import static io.littlelb.netlink.wire.Netlink.NLM_F_REQUEST;

import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Asks the kernel, and waits for its answer, which is at once. For one thread at a time. */
public final class NetlinkConnection implements AutoCloseable {
    private static final int REQUESTS = 32 * 1024;
    /** They fit into {@link #REQUESTS}, and so do that many refusals into the socket's receive buffer. */
    private static final int CHANGES_TOGETHER = 100;

    private static final int ATTEMPTS = 10;

    private final NetlinkSocket socket;
    private final ByteBuffer requests = ByteBuffer.allocateDirect(REQUESTS).order(ByteOrder.nativeOrder());
    private int sequence;

    private NetlinkConnection(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Connects in the calling thread's network namespace.
     *
     * @param protocol {@code NETLINK_ROUTE}, {@code NETLINK_NETFILTER}, …
     * @param trace is shown every message
     */
    public static NetlinkConnection open(int protocol, MessageTrace trace) throws IOException {
        return new NetlinkConnection(NetlinkSocket.open(protocol, 0, trace));
    }

    /** Reads one message of an answer. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(ByteBuffer payload) throws NetlinkException;
    }

    /**
     * A change to ask for.
     *
     * @param operation what is tried, for the error
     */
    public record Change(String operation, int type, int flags, Consumer<ByteBuffer> payload) {}

    /**
     * Asks for a change.
     *
     * @throws NetlinkException when the kernel refuses
     */
    public void change(Change change) throws IOException {
        Optional<NetlinkException> refusal = change(List.of(change)).get(0);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /**
     * Asks for changes, each by itself: the kernel goes through them in their order, and to refuse one keeps none of the others
     * from being made.
     *
     * @return for each of them the refusal, if it was refused
     */
    public List<Optional<NetlinkException>> change(List<Change> changes) throws IOException {
        List<Optional<NetlinkException>> refusals = new ArrayList<>();
        for (List<Change> together : Lists.partition(changes, CHANGES_TOGETHER)) {
            refusals.addAll(changeTogether(together));
        }
        return refusals;
    }

    /** In one datagram, the last of which asks for an ack; of the others the kernel tells only what it refuses. */
    private List<Optional<NetlinkException>> changeTogether(List<Change> changes) throws IOException {
        int first = sequence + 1;
        int last = sequence + changes.size();
        requests.clear();
        for (Change change : changes) {
            sequence++;
            int flags = NLM_F_REQUEST | change.flags() | (sequence == last ? NLM_F_ACK : 0);
            NetlinkMessage.append(requests, change.type(), flags, sequence, change.payload());
        }
        socket.send(requests.flip());
        List<Optional<NetlinkException>> refusals =
                new ArrayList<>(Collections.nCopies(changes.size(), Optional.empty()));
        boolean whole = answer(first, message -> {
            int index = message.sequence() - first;
            try {
                checkEnd(changes.get(index).operation(), message);
            } catch (NetlinkException e) {
                refusals.set(index, Optional.of(e));
            }
            return message.sequence() == last;
        });
        return whole
                ? refusals
                : changes.stream()
                        .map(change -> Optional.of(NetlinkException.interrupted(change.operation(), 1)))
                        .toList();
    }

    /**
     * A question.
     *
     * @param operation what is tried, for the error
     * @param type of the request
     * @param answer the type of the messages that answer it
     * @param reader reads one of them
     */
    public record Question<T>(String operation, int type, int answer, Consumer<ByteBuffer> payload, Reader<T> reader) {}

    /** Asks for one object. */
    public <T> T get(Question<T> question) throws IOException {
        List<T> found = new ArrayList<>();
        if (!ask(question, NLM_F_REQUEST | NLM_F_ACK, found)) {
            throw NetlinkException.interrupted(question.operation(), 1);
        }
        if (found.size() != 1) {
            throw NetlinkException.malformed(question.operation() + " was answered with " + found.size() + " objects");
        }
        return found.get(0);
    }

    /**
     * Asks for all objects of a kind.
     *
     * @throws NetlinkException also when the kernel's tables keep changing: what it said then is no evidence
     */
    public <T> List<T> dump(Question<T> question) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            List<T> found = new ArrayList<>();
            if (ask(question, NLM_F_REQUEST | NLM_F_DUMP, found)) {
                return found;
            }
        }
        throw NetlinkException.interrupted(question.operation(), ATTEMPTS);
    }

    /** Adds to {@code found} what the kernel has; returns whether that is all of it, and of one moment. */
    private <T> boolean ask(Question<T> question, int flags, List<T> found) throws IOException {
        requests.clear();
        NetlinkMessage.append(requests, question.type(), flags, ++sequence, question.payload());
        socket.send(requests.flip());
        AtomicBoolean interrupted = new AtomicBoolean();
        boolean whole = answer(sequence, message -> {
            if ((message.flags() & NLM_F_DUMP_INTR) != 0) {
                interrupted.set(true);
            }
            boolean end = message.type() == NLMSG_ERROR || message.type() == NLMSG_DONE;
            if (end) {
                checkEnd(question.operation(), message);
            } else if (message.type() == question.answer()) {
                found.add(question.reader().read(message.payload()));
            }
            return end;
        });
        return whole && !interrupted.get();
    }

    /** Takes one message of an answer, and returns whether it is the last one. */
    @FunctionalInterface
    private interface Taker {
        boolean take(NetlinkMessage message) throws NetlinkException;
    }

    /**
     * Reads to the end of the answer to the requests since {@code first}, so that none of it is left for the next one.
     *
     * @return false when some of it, perhaps its end, was lost
     */
    private boolean answer(int first, Taker taker) throws IOException {
        while (true) {
            if (socket.receive(true) == NetlinkSocket.Received.OVERRUN) {
                return false;
            }
            ByteBuffer datagram = socket.datagram();
            while (datagram.hasRemaining()) {
                NetlinkMessage message = NetlinkMessage.next(datagram);
                boolean ours = message.sequence() - first >= 0
                        && sequence - message.sequence() >= 0
                        && message.portId() == socket.portId();
                // Else it is the rest of an answer that was given up.
                if (ours && taker.take(message)) {
                    return true;
                }
            }
        }
    }

    /**
     * Reads how an answer ends, {@code NLMSG_ERROR} or {@code NLMSG_DONE}.
     *
     * <p>{@code struct nlmsgerr}: s32 negative errno, or 0 for an ack; then the header of the request, and unless capped its
     * payload; then attributes with the kernel's words. {@code NLMSG_DONE} has the s32 and the attributes.
     *
     * @throws NetlinkException when the kernel refuses
     */
    public static void checkEnd(String operation, NetlinkMessage message) throws NetlinkException {
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
            int words = startOfWords(payload, done, (message.flags() & NLM_F_CAPPED) != 0);
            for (int at = AttributeReader.first(payload, words);
                    at != AttributeReader.END;
                    at = AttributeReader.next(payload, at)) {
                switch (AttributeReader.type(payload, at)) {
                    case NLMSGERR_ATTR_MSG -> text = AttributeReader.string(payload, at);
                    case NLMSGERR_ATTR_OFFS -> offset = AttributeReader.intValue(payload, at);
                    default -> {} // policies and cookies say nothing to a person
                }
            }
        }
        throw NetlinkException.refused(operation, errno, text, offset);
    }

    private static int startOfWords(ByteBuffer payload, boolean done, boolean capped) throws NetlinkException {
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
        return start;
    }

    @Override
    public void close() {
        socket.close();
    }
}
