package io.littlelb.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a backend does for its clients. Each has a port of its own. */
enum Service {
    /** Sends without end. */
    SOURCE(0, "", 0),
    /** Sends back what came. */
    ECHO(1, ".".repeat(64), 64),
    /** Answers each request with a page of 128 bytes. */
    HTTP(
            2,
            "GET /index.html HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: lb-bench\r\n\r\n",
            Service.response().length),
    /** Takes whatever comes, and says nothing. */
    SINK(3, "", 0);

    /** How far its port is from the first one. */
    final int portOffset;
    /** What a client says, over and over. */
    final String request;
    /** The length of what it is answered, in bytes. */
    final int answerBytes;

    Service(int portOffset, String request, int answerBytes) {
        this.portOffset = portOffset;
        this.request = request;
        this.answerBytes = answerBytes;
    }

    /** What {@link #HTTP} answers. */
    static byte[] response() {
        byte[] page = new byte[128];
        Arrays.fill(page, (byte) '.');
        return ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 128\r\n\r\n"
                        + new String(page, StandardCharsets.US_ASCII))
                .getBytes(StandardCharsets.US_ASCII);
    }
}
