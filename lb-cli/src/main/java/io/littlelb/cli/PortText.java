package io.littlelb.cli;

import java.util.Optional;

/** A port number, from 1 to 65535. */
final class PortText {
    private PortText() {}

    static Optional<Integer> parse(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65_535
                ? Optional.of(Integer.parseInt(text))
                : Optional.empty();
    }
}
