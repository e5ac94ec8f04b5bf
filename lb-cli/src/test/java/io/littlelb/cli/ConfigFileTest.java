package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Flags from a file: which value counts, and what is said of one that is wrong. */
final class ConfigFileTest {
    @TempDir
    private Path directory;

    @Test
    void theCommandLineGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws Exception {
        write("drain-timeout: 1s\nidle-timeout: 2s\nconnect-timeout: 4s\n");
        Map<String, String> environment = Map.of("LB_DRAIN_TIMEOUT", "5s", "LB_IDLE_TIMEOUT", "6s");

        CommandSpec run = parse(environment, "--drain-timeout", "7s");

        assertThat(value(run, "--drain-timeout")).isEqualTo("PT7S");
        assertThat(value(run, "--idle-timeout")).isEqualTo("PT6S");
        assertThat(value(run, "--connect-timeout")).isEqualTo("PT4S");
        assertThat(value(run, "--conflict-probe")).isEqualTo("FAST");
    }

    /** Parsers there are that take a flag without a value for the opposite of its default, and the default may come from elsewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"--debug", "--debug-netlink", "--only-pools"})
    void aFlagWithoutAValueIsTrueWhateverTheFileOrTheEnvironmentSays(String flag) throws Exception {
        String variable = "LB_" + flag.substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
        for (String other : List.of("true", "false")) {
            write(flag.substring(2) + ": " + other + "\n");
            assertThat(value(parse(Map.of()), flag)).isEqualTo(other);
            assertThat(value(parse(Map.of(), flag), flag)).isEqualTo("true");
            assertThat(value(parse(Map.of(), flag + "=false"), flag)).isEqualTo("false");
            write("loops: 1\n");
            assertThat(value(parse(Map.of(variable, other)), flag)).isEqualTo(other);
            assertThat(value(parse(Map.of(variable, other), flag), flag)).isEqualTo("true");
            assertThat(value(parse(Map.of(variable, other), flag + "=false"), flag))
                    .isEqualTo("false");
        }
    }

    @Test
    void takesEveryKindOfValue() throws Exception {
        write("""
                link-device: eth0
                pool: [198.18.0.32-198.18.0.47, "b@x,y=198.18.0.64/28"]
                namespace: one
                proxies: [198.18.0.0/24, 2001:db8::/64]
                only-pools: true
                max-connections: 500
                max-connections-per-source: off
                idle-timeout: off
                reserved-ports: ""
                """);

        CommandSpec run = parse(Map.of());

        assertThat(value(run, "--linkdevice")).isEqualTo("eth0");
        assertThat(value(run, "--pool")).isEqualTo("[198.18.0.32-198.18.0.47, b@x,y=198.18.0.64/28]");
        assertThat(value(run, "--namespace")).isEqualTo("[one]");
        assertThat(value(run, "--proxies")).isEqualTo("[198.18.0.0/24, 2001:db8::/64]");
        assertThat(value(run, "--only-pools")).isEqualTo("true");
        assertThat(value(run, "--max-connections")).isEqualTo("Optional[500]");
        assertThat(value(run, "--max-connections-per-source")).isEqualTo("OptionalInt.empty");
        assertThat(value(run, "--idle-timeout")).isEqualTo("PT0S");
        assertThat(value(run, "--reserved-ports")).isEmpty();
    }

    @Test
    void anEmptyListIsNothing() throws Exception {
        write("pool: []\n");

        assertThat(value(parse(Map.of()), "--pool")).isEqualTo("[]");
    }

    @Test
    void isNamedByTheEnvironmentAsWellAndTheCommandLineGoesFirst() throws Exception {
        write("loops: 3\n");
        Path other = Files.writeString(directory.resolve("other.yaml"), "loops: 4\n");
        Map<String, String> environment = Map.of("LB_CONFIG", other.toString());

        assertThat(value(parse(environment, "--busy-poll=off"), "--loops")).isEqualTo("3");
        assertThat(value(parseOnly(environment, List.of("run")), "--loops")).isEqualTo("4");
        assertThat(value(parseOnly(environment, List.of("run", "--config=")), "--loops"))
                .isEqualTo("1");
    }

    @Test
    void otherCommandsHaveNone() throws Exception {
        Main.given(List.of("relay", "a=b"), Map.of("LB_CONFIG", "/nowhere"));

        assertThatThrownBy(() -> Main.given(List.of("check"), Map.of("LB_CONFIG", "/nowhere")))
                .hasMessage("--config /nowhere: there is no such file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            drain-timout: 3s                     | FILE: drain-timout: no such key; did you mean drain-timeout?
            pol: 198.18.0.0/28                   | FILE: pol: no such key; did you mean pool
            zzzzzzzz: 1                          | FILE: zzzzzzzz: no such key
            "a\\u001b\\u202e": 1                 | FILE: a\\u{1b}\\u{202e}: no such key
            help: true                           | FILE: help: no such key
            drain-timeout: soon                  | FILE: drain-timeout: 'soon' is no duration such as 250ms
            max-connections: many                | FILE: max-connections: 'many' is no whole number
            debug: 7                             | FILE: debug: '7' is neither true nor false
            log-format: xml                      | FILE: log-format: 'xml' is none of text, json
            access-log: some                     | FILE: access-log: 'some' is none of off, errors, all
            proxies: [1]                         | FILE: proxies: '1' is not ADDRESS/LENGTH
            pool: [198.18.0.9]                   | FILE: pool "198.18.0.9": write [NAME[@NAMESPACE
            max-ports-per-service: 0             | FILE: max-ports-per-service 0: at least 1
            only-pools: true                     | FILE: only-pools without a --pool
            mode: endpoints\\nkubeconfig: x      | FILE: kubeconfig, mode: of no use beside --source file:/nowhere
            drain-timeout: 1s\\ndrain-timeout: 2s| FILE: drain-timeout: it is there twice
            link-device: eth1                    | FILE: link-device: it is there already, under another name
            drain-timeout: [1s]                  | FILE: drain-timeout: one value is expected here, and no list
            drain-timeout: {a: 1}                | FILE: drain-timeout: a value is expected here
            drain-timeout:                       | FILE: drain-timeout: a value is expected here
            pool: [[a]]                          | FILE: pool: a list of values is expected here
            pool: ["a\\u000ab"]                  | FILE: pool: a list of values is expected here
            node-name: 1e3                       | FILE: node-name: write it in quotation marks
            namespace: [1.10]                    | FILE: namespace: write it in quotation marks
            max-connections: 1e400               | FILE: max-connections: write it in quotation marks
            kubeconfig: "/a\\0b"                 | FILE: kubeconfig: there is a control character in it
            admin-socket: "/a\\0b"               | FILE: admin-socket: there is a control character in it
            pool: ["a\\tb"]                      | FILE: pool: there is a control character in it
            metrics-address: nonsense            | FILE: metrics-address "nonsense" is not ADDRESS:PORT
            ---\\nloops: 2                       | FILE: there are two documents here
            x: [                                 | FILE: line 3, column
            """)
    void saysInOneLineWhatIsWrongAndWhere(String content, String said) throws Exception {
        write("linkdevice: eth0\nsource: file:/nowhere\n" + content.strip().replace("\\n", "\n"));

        assertThat(wrong()).startsWith("lb: " + said.replace("FILE", file().toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ~~                                   | there is nothing here
            # nothing                            | there is nothing here
            root:x:0:0                           | there are no keys and values here
            [a]                                  | there are no keys and values here
            """)
    void saysWhatIsMissing(String content, String said) throws Exception {
        write(content);

        assertThat(wrong()).startsWith("lb: " + file() + ": " + said);
    }

    @Test
    void aWrongFlagIsNotBlamedOnTheFile() throws Exception {
        write("linkdevice: eth0\nsource: file:/nowhere\ndrain-timeout: 1s\n");

        assertThat(wrong("--drain-timeout=later")).startsWith("lb: --drain-timeout: 'later' is no duration");
        assertThat(wrong("--mode=endpoints")).startsWith("lb: --mode: of no use beside --source");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--admin-socket", "--config"})
    void whatCanBeNoPathIsTold(String flag) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();

        int status = Main.run(
                new PrintStream(said, true, StandardCharsets.UTF_8),
                "check",
                "--linkdevice=eth0",
                "--source=file:/nowhere",
                flag + "=/a\0b");

        assertThat(said.toString(StandardCharsets.UTF_8))
                .startsWith("lb: " + flag + " \"/a\\u{0}b\" can be no path: ")
                .hasLineCount(1);
        assertThat(status).isEqualTo(2);
    }

    @Test
    void aFileThatCannotBeReadIsTold() throws Exception {
        assertThat(wrong()).isEqualTo("lb: --config " + file() + ": there is no such file");
        Files.createDirectory(file());
        assertThat(wrong()).isEqualTo("lb: --config " + file() + ": it cannot be read: Is a directory");
        Files.delete(file());
        Files.write(file(), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(wrong()).isEqualTo("lb: --config " + file() + ": it is no text in UTF-8");
    }

    private String wrong(String... more) {
        List<String> words = new ArrayList<>(List.of("check", "--config", file().toString()));
        words.addAll(List.of(more));
        ByteArrayOutputStream said = new ByteArrayOutputStream();

        int status = Main.run(new PrintStream(said, true, StandardCharsets.UTF_8), words.toArray(String[]::new));

        assertThat(status).isEqualTo(2);
        assertThat(said.toString(StandardCharsets.UTF_8)).hasLineCount(1);
        return said.toString(StandardCharsets.UTF_8).strip();
    }

    private CommandSpec parse(Map<String, String> environment, String... more) throws UsageException {
        List<String> words = new ArrayList<>(List.of("run", "--config", file().toString()));
        words.addAll(List.of(more));
        return parseOnly(environment, words);
    }

    private static CommandSpec parseOnly(Map<String, String> environment, List<String> words) throws UsageException {
        CommandLine line = Main.line(Main.given(words, environment));
        line.parseArgs(words.toArray(String[]::new));
        return line.getSubcommands().get("run").getCommandSpec();
    }

    private static String value(CommandSpec command, String flag) {
        Object value = command.findOption(flag).getValue();
        return String.valueOf(value);
    }

    private void write(String content) throws IOException {
        Files.writeString(file(), content);
    }

    private Path file() {
        return directory.resolve("lb.yaml");
    }
}
