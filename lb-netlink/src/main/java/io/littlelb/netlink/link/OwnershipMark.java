package io.littlelb.netlink.link;

import io.littlelb.core.model.Family;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the kernel remembers for us which addresses are ours.
 *
 * @param protocol the value of {@code IFA_PROTO}, which the kernel keeps since 5.18 for both families; 0 when it does not
 * @param label the {@code IFA_LABEL} that stands for it on an older kernel, where only IPv4 has it; else empty
 */
record OwnershipMark(int protocol, String label) {
    /** Ours among the numbers that say who put an address there; 0 to 3 are the kernel's own. */
    static final int PROTOCOL = 76;

    private static final Path KERNEL_RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Pattern MAJOR_MINOR = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4}).*", Pattern.DOTALL);
    /** {@code IFNAMSIZ} of {@code linux/if.h}, less the zero byte. */
    private static final int LONGEST_LABEL = 15;

    private static final String LABEL_SUFFIX = ":lb";

    /** What the running kernel can keep, for a link. */
    static OwnershipMark forThisKernel(String link) throws IOException {
        return forKernel(Files.readString(KERNEL_RELEASE), link);
    }

    static OwnershipMark forKernel(String release, String link) {
        Matcher version = MAJOR_MINOR.matcher(release);
        boolean keepsProtocol = version.matches()
                && Integer.parseInt(version.group(1)) * 1000 + Integer.parseInt(version.group(2)) >= 5018;
        return keepsProtocol ? new OwnershipMark(PROTOCOL, "") : new OwnershipMark(0, labelOf(link));
    }

    private static String labelOf(String link) {
        int room = LONGEST_LABEL - LABEL_SUFFIX.length();
        return link.substring(0, Math.min(link.length(), room)) + LABEL_SUFFIX;
    }

    /** Whether addresses of a family can carry the mark. */
    boolean canMark(Family family) {
        return protocol != 0 || family == Family.IPV4;
    }

    /** Whether an address of another link carries the mark of whoever serves that one. */
    boolean isOnAnothers(AddressMessage address) {
        return protocol != 0 ? address.protocol() == protocol : address.label().endsWith(LABEL_SUFFIX);
    }

    /** Whether an address carries it. */
    boolean isOn(AddressMessage address) {
        return protocol != 0 ? address.protocol() == protocol : address.label().equals(label);
    }
}
