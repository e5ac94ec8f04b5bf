package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.admin.http.Question;
import io.littlelb.admin.view.Json;
import io.littlelb.cli.ask.AskCommands;
import io.littlelb.cli.ask.Surroundings;
import io.littlelb.cli.ask.Unreadable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What is asked of an instance, what is shown of its answers, and the status that tells a script. */
@Timeout(60)
final class AskTest {
    @TempDir
    private Path run;

    private final CannedInstance instance = new CannedInstance();
    private Asked asked;

    @BeforeEach
    void serve() {
        asked = new Asked(run);
        asked.serve("lb/lb.sock", instance);
    }

    @AfterEach
    void close() {
        asked.close();
    }

    private String shown(int columns, String... arguments) {
        Asked.Said said = asked.with("NO_COLOR", "1").onTerminal(columns, 24).lb(arguments);
        assertThat(said.err()).isEmpty();
        return said.out();
    }

    private Question lastAsked() {
        List<Question> all = instance.asked();
        return all.get(all.size() - 1);
    }

    @Test
    void showsServicesInEightyColumns() {
        assertThat(shown(80, "services")).isEqualTo("""
                SERVICE          ADDRESS              PORTS      BACKENDS  STATE
                default/db       198.18.0.10 fd00::a  5432            2/3  served 3 d 4 h, 1 ba…
                default/mail     -                    25              1/1  AddressInUse: 198.18…
                default/web      198.18.0.9           80,443          3/3  served 3 d 4 h
                kube-system/dns  198.18.0.11          53/UDP,53       2/2  served 3 d 4 h
                """);
    }

    @Test
    void showsServicesInTwoHundredColumnsAsThroughAPipe() {
        String wide = """
                SERVICE          ADDRESS              PORTS      BACKENDS  CONNS    NEW        IN      OUT  STATE
                default/db       198.18.0.10 fd00::a  5432            2/3    104   12/s   90 Mb/s   9 Mb/s  served 3 d 4 h, 1 backend ejected
                default/mail     -                    25              1/1      0      0         0        0  AddressInUse: 198.18.0.9 is held by Service default/web, which is older
                default/web      198.18.0.9           80,443          3/3  1 100  300/s  1.7 Gb/s  80 Mb/s  served 3 d 4 h
                kube-system/dns  198.18.0.11          53/UDP,53       2/2      0      0         0        0  served 3 d 4 h
                """;

        assertThat(asked.lb("services").out()).isEqualTo(wide);
        assertThat(shown(200, "services")).isEqualTo(wide);
    }

    @Test
    void showsStatusInEightyColumns() {
        assertThat(shown(80, "status")).isEqualTo("""
                Little LB   0.1.0 (8684d38)   degraded
                            process 22779 on lb1, up 3 d 4 h, user littlelb
                problem     1 of 4 Services is not served as asked
                link        eth0 up   198.18.0.1/24, fd00::1/64   ours: 4, announced 12 s ago
                            put back: 1
                source      https://198.18.0.20:6443   node-port   last heard 0.4 s ago
                services    3 served   1 not
                            default/mail: AddressInUse: 198.18.0.9 is held by Service default/w…
                backends    8 listed   1 ejected
                traffic     1 204 connections of 25 000 at most   312/s new   1.8 Gb/s in
                            90 Mb/s out   since start: 80 112 accepted, 17 refused
                memory      heap 18 MB of 64 MB   process 96 MB   2 431 descriptors of 524 288
                last pass   2 s ago, in 0.3 ms   12 steps, 0 failed   14 passes since start
                """);
        assertThat(asked.lb("status", "--brief").out())
                .isEqualTo("degraded 3 of 4, source heard 0.4 s ago; 1 of 4 Services is not served as asked\n");
    }

    @Test
    void showsAddressesAndPools() {
        assertThat(shown(80, "addresses")).isEqualTo("""
                ADDRESS      LINK  OWNER  HOLDER           SINCE  STATE
                198.18.0.9   eth0  ours   default/web    3 d 4 h  present
                198.18.0.12  eth0  none   default/cache     31 s  conflict: 02:00:00:00:00:77 a…

                POOL  FAMILY  USED       SIZE  NAMESPACES  RANGES
                gold  IPv4       6         16  shop,web    198.18.0.64-198.18.0.79
                six   IPv6       1  over 2^62  all         fd00::/64
                """);
    }

    @Test
    void showsBackends() {
        assertThat(shown(80, "backends", "db")).isEqualTo("""
                PORT  BACKEND            CONNS  FAILED  DIAL p50/p99  STATE
                5432  198.18.0.21:30432     52       0    0.2/0.9 ms  answers
                5432  198.18.0.22:30432      0     211             -  ejected 4 min: Connection…
                5432  198.18.0.23:30432     52       3    0.2/310 ms  answers
                """);
        assertThat(lastAsked().parameters()).isEqualTo(Map.of("service", "default/db"));
    }

    @Test
    void tellsFrontendsOfOnePortApart() {
        assertThat(shown(110, "backends").lines().limit(2))
                .containsExactly(
                        "SERVICE     FRONTEND          BACKEND            CONNS  FAILED  DIAL p50/p99  STATE",
                        "default/db  198.18.0.10:5432  198.18.0.21:30432     52       0    0.2/0.9 ms  answers");
    }

    @Test
    void showsConnections() {
        assertThat(shown(80, "connections", "--service", "default/db", "--sort", "bytes"))
                .isEqualTo("""
                ID       CLIENT             BACKEND            AGE      IN    OUT  STATE
                7f3a-91  198.18.0.90:51544  198.18.0.21:30432  2 h  1.2 GB  31 MB  relaying
                7f3a-c2  [fd00::91]:40112   198.18.0.23:30432  4 s     0 B    0 B  dialling, tr…
                2 of 1 204 connections
                """);
        assertThat(lastAsked().parameters()).isEqualTo(Map.of("service", "default/db", "sort", "bytes"));
    }

    @Test
    void showsEndedConnections() {
        asked.lb(
                "connections",
                "--ended",
                "--since",
                "5m",
                "--ending",
                "backend_reset",
                "--client",
                "fd00::/64",
                "--backend",
                "198.18.0.21:80",
                "--limit",
                "7");

        assertThat(lastAsked().path()).containsExactly("v1", "connections", "ended");
        assertThat(lastAsked().parameters())
                .isEqualTo(Map.of(
                        "since",
                        "300",
                        "ending",
                        "backend_reset",
                        "client",
                        "fd00::/64",
                        "backend",
                        "198.18.0.21:80",
                        "limit",
                        "7"));
        assertThat(shown(200, "connections", "--ended"))
                .contains(
                        "  default/db  198.18.0.10:5432  198.18.0.23:30432   0.8 s  310 B   0 B  backend reset: Connection reset by peer\n")
                .contains("  198.18.0.10:5432  -                     0 s    0 B   0 B  source refused\n");
    }

    @Test
    void showsWhatMovesMostFirst() {
        assertThat(shown(80, "top", "--once")).isEqualTo("""
                4 Services, 1 204 connections, 312/s new, 1.8 Gb/s in, 89 Mb/s out
                SERVICE          ADDRESS              CONNS    NEW        IN      OUT  BACKENDS
                default/web      198.18.0.9           1 100  300/s  1.7 Gb/s  80 Mb/s       3/3
                default/db       198.18.0.10 fd00::a    104   12/s   90 Mb/s   9 Mb/s       2/3
                default/mail     -                        0      0         0        0       1/1
                kube-system/dns  198.18.0.11              0      0         0        0       2/2
                """);
    }

    @Test
    void explainsInProseThatIsBrokenBetweenWords() {
        assertThat(shown(80, "explain", "mail")).isEqualTo("""
                default/mail is not served: AddressInUse: 198.18.0.9 is held by Service
                default/web, which is older
                 1 service     ok        type LoadBalancer, no loadBalancerClass
                 2 request     ok        198.18.0.9, by spec.loadBalancerIP
                 3 subnet      note      NotFromPool: 198.18.0.9 is in no pool
                 4 holder      REFUSED   AddressInUse: 198.18.0.9 is held by Service
                                         default/web, which is older; to share it, write
                                         littlelb.io/allow-shared-ip with one key on both, in
                                         one namespace
                 5 address     waiting   not asked for before it is held
                """);
    }

    @Test
    void showsEventsAndNoneOfTheirTextIsObeyedByATerminal() {
        assertThat(asked.lb("events", "--limit", "9").out()).isEqualTo("""
                TIME                 LEVEL  WHAT
                2026-11-24 12:00:00  info   Service default/web is served on 198.18.0.9
                2026-11-24 12:00:01  warn   AddressInUse: default/mail: 198.18.0.9 is held by Service default/web,\\u{1b}[31m which is older
                """);
        assertThat(lastAsked().parameters()).isEqualTo(Map.of("limit", "9"));
        assertThat(asked.lb("events", "-o", "json").out()).contains("default/web,\\u001B[31m which");
        assertThat(asked.lb("events", "-o", "yaml").out()).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "services",
                "addresses",
                "backends",
                "connections",
                "connections --ended",
                "events",
                "explain mail",
                "top --once"
            })
    void noLineIsWiderThanTheTerminal(String command) {
        for (int columns = 60; columns <= 120; columns += 10) {
            assertThat(shown(columns, command.split(" ")).lines()).allMatch(fits(columns), columns + " columns");
        }
    }

    private static Predicate<String> fits(int columns) {
        return line -> line.length() <= columns;
    }

    @ParameterizedTest
    @CsvSource({
        "status, STATUS",
        "services, SERVICES",
        "addresses, ADDRESSES",
        "backends db, BACKENDS",
        "connections, CONNECTIONS",
        "events, EVENTS",
        "explain mail, MAIL",
        "connections --ended, ENDED"
    })
    void jsonAndYamlAreTheViewAsItCame(String command, String view) throws Exception {
        Object canned = CannedInstance.class.getDeclaredField(view).get(null);
        Object came = new JsonMapper().readTree(Json.write(canned));

        assertThat(new JsonMapper()
                        .readTree(asked.lb((command + " -o json").split(" ")).out()))
                .isEqualTo(came);
        assertThat(new YAMLMapper()
                        .readTree(asked.lb((command + " -o yaml").split(" ")).out()))
                .hasToString(came.toString());
    }

    @Test
    void coloursAreForTerminals() {
        assertThat(asked.lb("services").out()).doesNotContain("\u001b");
        assertThat(asked.lb("services", "--color", "always").out()).contains("\u001b[31mAddressInUse: ");
        asked.onTerminal(80, 24);
        assertThat(asked.lb("services").out()).contains("\u001b[31mAddressInUse: 198.18…\u001b[0m");
        assertThat(asked.lb("services", "--color", "never").out()).doesNotContain("\u001b");
        assertThat(asked.with("NO_COLOR", "1").lb("services").out()).doesNotContain("\u001b");
    }

    @Test
    void wideShowsAllColumnsUncutAndNoHeadersOnlyRows() {
        asked.onTerminal(80, 24).with("NO_COLOR", "1");

        assertThat(asked.lb("services", "-o", "wide").out())
                .contains("  TOTAL IN  TOTAL OUT  STATE\n")
                .contains("AddressInUse: 198.18.0.9 is held by Service default/web, which is older\n");
        assertThat(asked.lb("connections", "--no-headers").out())
                .startsWith("7f3a-91 ")
                .hasLineCount(2);
    }

    @Test
    void aTerminalThatKnowsNoEllipsisGetsAnotherMark() {
        assertThat(asked.withCharset(StandardCharsets.US_ASCII)
                        .with("NO_COLOR", "1")
                        .onTerminal(80, 24)
                        .lb("services")
                        .out())
                .contains("AddressInUse: 198.18~\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "status                      | 1 |",
                "services                    | 0 |",
                "services web kube-system/dns| 0 |",
                "services web none other/db  | 4 | there is no such Service to serve: default/none, other/db",
                "backends none               | 4 | there is no such Service to serve: default/none",
                "explain web                 | 0 |",
                "explain default/mail        | 1 |",
                "explain default/none        | 4 |",
                "connections --client nonsense | 2 | client: \"nonsense\" is no address",
                "connections --since 5m      | 2 | --since and --ending are about connections that have ended: add --ended",
                "connections --sort wrong    | 2 | --sort: 'wrong' is none of age, idle, bytes, client",
                "connections --limit 0       | 2 | --limit 0: at least 1",
                "services Web                | 2 | 'Web' is no name of a Service such as default/web, or web for one of default",
                "backends Web                | 2 | 'Web' is no name of a Service such as default/web, or web for one of default",
                "explain a/b/c               | 2 | 'a/b/c' is no name of a Service such as default/web, or web for one of default",
                "drain -                     | 2 | '-' is no name of a Service such as default/web, or web for one of default",
                "connections --service Web   | 2 | --service: 'Web' is no name of a Service such as default/web, or web for one of default",
                "explain                     | 2 | name a Service, or a manifest with -f",
                "status -o xml               | 2 | --output: 'xml' is none of table, wide, json, yaml",
                "status --watch=1ms          | 2 | --watch: '1ms' is too short; at least 100ms",
                "disconnect                  | 2 | name one: an ID, --client, --backend or --service",
                "disconnect 7 --client ::1   | 2 | name one: an ID, --client, --backend or --service",
                "drain                       | 2 | what is missing is NAMESPACE/NAME",
                "connections --service none  | 4 | there is no such Service to serve: default/none",
                "connections --service db -o json --ended --since 5m | 0 |",
                "connections --service none --ended | 4 | there is no such Service to serve: default/none",
                "connections --service mail  | 0 |",
                "disconnect --service none   | 4 | there is no such Service to serve: default/none",
                "disconnect --service mail   | 1 |",
                "drain web                   | 0 |",
                "drain none                  | 4 | there is no /v1/drain/default/none",
                "undrain web                 | 1 |",
                "disconnect 7f3a-91          | 0 |",
                "reload                      | 1 | there is nothing to be read again",
                "log-level                   | 0 |",
                "log-level debug             | 0 |",
            })
    void theStatusTellsHowItWent(String command, int status, String error) {
        Asked.Said said = asked.lb(command.strip().split(" "));

        assertThat(said.status()).isEqualTo(status);
        if (error == null) {
            assertThat(said.err()).isEmpty();
        } else {
            assertThat(said.err()).startsWith("lb: " + error).hasLineCount(1);
            assertThat(said.out()).isEmpty();
        }
    }

    @Test
    void ordersSayWhatWasDone() {
        assertThat(asked.lb("drain", "web").out()).isEqualTo("default/web is drained: 1 100 connections go on\n");
        assertThat(lastAsked().method()).isEqualTo("POST");
        assertThat(asked.lb("disconnect", "--client", "fd00::/64").out()).isEqualTo("3 connections were ended\n");
        assertThat(lastAsked().parameters()).isEqualTo(Map.of("client", "fd00::/64"));
        assertThat(asked.lb("log-level", "debug").out()).isEqualTo("the level is debug\n");
        assertThat(asked.lb("log-level").out()).isEqualTo("the level is info\n");
        assertThat(lastAsked().method()).isEqualTo("GET");
    }

    @Test
    void explainsEachServiceOfAManifest() throws IOException {
        String text = "kind: Service\n---\nkind: Service\n";
        Path manifest = Files.writeString(run.resolve("manifest.yaml"), text);

        Asked.Said said = asked.lb("explain", "-f", manifest.toString());

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.out())
                .startsWith("default/mail would not be served: AddressInUse: ")
                .contains("\n\ndefault/other would not be served: its type is ClusterIP\n");
        assertThat(lastAsked().body()).isEqualTo(text);
    }

    @Test
    void takesAManifestFromStandardInput() {
        assertThat(asked.withInput("{\"kind\": \"Service\"}")
                        .lb("explain", "-f", "-")
                        .status())
                .isEqualTo(1);
        assertThat(lastAsked().body()).isEqualTo("{\"kind\": \"Service\"}");
    }

    @Test
    void saysWhatIsWrongWithAManifest() throws IOException {
        Path none = run.resolve("none");
        Path loop = Files.createSymbolicLink(run.resolve("loop"), Path.of("loop"));
        Path large = Files.writeString(run.resolve("large"), " ".repeat((1 << 20) + 1));

        assertThat(asked.withInput("kind: Pod").lb("explain", "-f", "-"))
                .isEqualTo(new Asked.Said(2, "", "lb: there is no Service in it\n"));
        assertThat(asked.lb("explain", "-f", none.toString()))
                .isEqualTo(new Asked.Said(2, "", "lb: -f " + none + ": there is no such file\n"));
        assertThat(asked.lb("explain", "-f", loop.toString()).err())
                .startsWith("lb: -f " + loop + ": it cannot be read: Too many levels of symbolic links");
        assertThat(Unreadable.why(new AccessDeniedException(none.toString()))).isEqualTo("permission denied");
        assertThat(asked.lb("explain", "-f", large.toString()))
                .isEqualTo(new Asked.Said(2, "", "lb: -f " + large + ": is larger than 1 MB\n"));
    }

    @Test
    void aVariableIsAFlag() {
        assertThat(asked.with("LB_OUTPUT", "json").lb("services").out()).startsWith("{");
    }

    @Test
    void aFlagWithoutAValueIsTrueWhateverTheEnvironmentSays() {
        asked.with("LB_NO_HEADERS", "true").with("LB_ENDED", "true");

        assertThat(asked.lb("connections", "--ended", "--no-headers").out()).doesNotContain("CLIENT");
        assertThat(lastAsked().path()).containsExactly("v1", "connections", "ended");
        asked.lb("connections", "--ended=false", "--no-headers=false");
        assertThat(lastAsked().path()).containsExactly("v1", "connections");
    }

    /** Or the next flag would turn itself off where the environment has it on. */
    @ParameterizedTest
    @FieldSource("io.littlelb.cli.ask.AskCommands#NAMES")
    void noFlagIsTheOppositeOfItsDefault(String name) {
        assertThat(new CommandLine(AskCommands.of(name, Surroundings.ofThisProcess(System.err)))
                        .getCommandSpec()
                        .options())
                .filteredOn(option -> option.type() == boolean.class && !option.usageHelp() && !option.versionHelp())
                .allMatch(option -> option.fallbackValue().equals("true"));
    }
}
