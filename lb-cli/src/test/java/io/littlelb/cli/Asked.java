package io.littlelb.cli;

import static org.awaitility.Awaitility.await;

import io.littlelb.admin.http.Answering;
import io.littlelb.admin.http.Door;
import io.littlelb.admin.http.UnixPlace;
import io.littlelb.cli.ask.Surroundings;
import io.littlelb.cli.ask.Surroundings.Window;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The program with a {@code /run} of its own, where sockets can be put, and on a terminal that is as wide as a test says. */
final class Asked implements AutoCloseable {
    private final Path run;
    private final List<Door> doors = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private Optional<Window> window = Optional.empty();
    private Charset charset = StandardCharsets.UTF_8;
    private String input = "";

    Asked(Path run) {
        this.run = run;
    }

    /** What the program wrote, and how it ended. */
    record Said(int status, String out, String err) {}

    Asked onTerminal(int columns, int lines) {
        window = Optional.of(new Window(columns, lines));
        return this;
    }

    Asked withCharset(Charset other) {
        charset = other;
        return this;
    }

    Asked with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Asked withInput(String text) {
        input = text;
        return this;
    }

    /** Has somebody answer at a path below {@code /run}. */
    Door serve(String path, Answering answering) {
        Door door = Door.unix(new UnixPlace(run.resolve(path)), answering);
        doors.add(door);
        await().until(() -> door.listening().isPresent());
        return door;
    }

    Said lb(String... arguments) {
        return lb(new ByteArrayOutputStream(), arguments);
    }

    /** With what is written where a test can look at it meanwhile. */
    Said lb(ByteArrayOutputStream out, String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(
                new Surroundings(
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, charset),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        environment,
                        () -> window,
                        charset,
                        run),
                arguments);
        return new Said(status, out.toString(charset), err.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        doors.forEach(Door::close);
    }
}
