package io.littlelb.netlink.rtnetlink;

import io.littlelb.netlink.wire.MessageTrace;
import io.littlelb.netlink.wire.NetlinkMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** At trace level, every message that goes and comes, decoded. */
public final class LoggedMessages implements MessageTrace {
    private static final Logger log = LoggerFactory.getLogger(LoggedMessages.class);

    @Override
    public boolean isEnabled() {
        return log.isTraceEnabled();
    }

    @Override
    public void show(int portId, Direction direction, NetlinkMessage message) {
        String words = direction == Direction.TO_THE_KERNEL ? "to the kernel" : "from the kernel";
        log.trace("netlink {} {}: {}", portId, words, MessageText.of(message));
    }
}
