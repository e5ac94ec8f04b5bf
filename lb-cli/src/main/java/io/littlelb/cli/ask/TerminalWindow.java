package io.littlelb.cli.ask;

import io.littlelb.cli.ask.Surroundings.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of the terminal that a descriptor of this process is open on. The variables COLUMNS and LINES of POSIX go before what {@code stty} says, which costs a
 * process, but no native code; where there is neither, as in an image without an operating system, it is taken to be of 80 by 24.
 */
record TerminalWindow(Map<String, String> environment, Path descriptor) implements Supplier<Optional<Window>> {
    static final Path STDOUT = Path.of("/proc/self/fd/1");

    private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/[0-9]+|tty.*|console)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,5}) ([0-9]{1,5})\\s*");
    private static final Window USUAL = new Window(80, 24);

    @Override
    public Optional<Window> get() {
        return isTerminal() ? Optional.of(size()) : Optional.empty();
    }

    private boolean isTerminal() {
        try {
            return TERMINAL.matcher(Files.readSymbolicLink(descriptor).toString())
                    .matches();
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    private Window size() {
        int columns = number("COLUMNS");
        int lines = number("LINES");
        Window asked = columns > 0 && lines > 0 ? USUAL : stty();
        return new Window(columns > 0 ? columns : asked.columns(), lines > 0 ? lines : asked.lines());
    }

    private int number(String variable) {
        String text = environment.getOrDefault(variable, "");
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    }

    private Window stty() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(descriptor.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            stty.waitFor(1, TimeUnit.SECONDS);
            return window(said);
        } catch (IOException noStty) {
            return USUAL;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }

    /** A terminal that nobody has told its size says 0. */
    static Window window(String said) {
        Matcher size = SIZE.matcher(said);
        if (!size.matches()) {
            return USUAL;
        }
        int lines = Integer.parseInt(size.group(1));
        int columns = Integer.parseInt(size.group(2));
        return new Window(columns == 0 ? USUAL.columns() : columns, lines == 0 ? USUAL.lines() : lines);
    }
}
