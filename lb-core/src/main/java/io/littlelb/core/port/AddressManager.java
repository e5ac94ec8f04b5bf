package io.littlelb.core.port;

import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.LinkCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** Puts addresses on one link and takes them off, leaving every address alone that it did not add. */
public interface AddressManager extends AutoCloseable {
    /** The link as last seen, from memory. */
    Link link();

    /**
     * All addresses of the link and all that were asked for, ours and others', as last seen, from memory. Never changes once
     * returned; for speed the same list is returned as long as nothing has changed.
     */
    List<AddressStatus> addresses();

    /**
     * Asks for an address; returns at once. It then shows in {@link #addresses} as pending until the kernel has answered.
     * Asking again for one that is there changes nothing; asking again for one that failed, was removed or is in conflict tries again. An address
     * that somebody else put on the link is left as it is. Ours at another prefix length is another entry: that one is removed once the one that is
     * asked for is there.
     *
     * @throws IllegalStateException after {@link #close}
     * @throws IOException when the request cannot even be handed over
     */
    void add(Cidr address) throws IOException;

    /**
     * Asks for an address of ours to go; returns at once. One that is not there, or that is not ours, is left alone.
     *
     * @throws IllegalStateException after {@link #close}
     * @throws IOException when the request cannot even be handed over
     */
    void remove(Cidr address) throws IOException;

    /** What has been counted on the link, from memory; nothing by default. */
    default LinkCounters counters() {
        return LinkCounters.NONE;
    }

    /** Of each address of ours, what has become of it, from memory; of none by default. */
    default Map<InetAddress, AddressHistory> histories() {
        return Map.of();
    }

    /** Has the listener called after every change of what {@link #link} or {@link #addresses} returns, from whatever thread; one listener at most. */
    void onChange(Runnable listener);

    /** Gives back descriptors and threads. Addresses stay as they are, and are shown as last seen. More than once is as once. */
    @Override
    default void close() {}
}
