package io.littlelb.cli;

import java.io.IOException;
import java.util.Optional;

/** Another process is the instance of a link already. */
final class LinkServedException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Optional<Long> pid;
    private final String link;

    LinkServedException(String link, Optional<Long> pid, String why) {
        super(who(pid) + " serves link " + link + " already; stop it first, or serve another link: " + why);
        this.pid = pid;
        this.link = link;
    }

    private static String who(Optional<Long> pid) {
        return pid.map(number -> "process " + number).orElse("another process");
    }

    /** Which process it is; empty where that cannot be told. */
    Optional<Long> pid() {
        return pid;
    }

    /** For somebody who does not want to be the instance. */
    String whoServes() {
        return who(pid) + " serves link " + link + " now";
    }
}
