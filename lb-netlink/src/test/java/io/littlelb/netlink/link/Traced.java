package io.littlelb.netlink.link;

import io.littlelb.netlink.rtnetlink.LoggedMessages;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The netlink messages that go and come while this is open, as {@code --debug-netlink} shows them. */
final class Traced extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger(LoggedMessages.class.getName());
    private final Queue<String> messages = new ConcurrentLinkedQueue<>();
    private final SimpleFormatter formatter = new SimpleFormatter();

    Traced() {
        setLevel(Level.ALL);
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** How many had these words. */
    long count(String words) {
        return messages.stream().filter(message -> message.contains(words)).count();
    }

    @Override
    public void publish(LogRecord message) {
        messages.add(formatter.formatMessage(message));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }
}
