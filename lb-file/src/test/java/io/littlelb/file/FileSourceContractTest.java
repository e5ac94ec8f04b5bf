package io.littlelb.file;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.port.EndpointSource;
import io.littlelb.testkit.contract.EndpointSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A file keeps the contract of a source. */
class FileSourceContractTest extends EndpointSourceContract {
    @TempDir
    private Path directory;

    private final Map<String, String> addresses = new TreeMap<>();
    private FileEndpointSource source;

    @BeforeEach
    void open() throws Exception {
        write();
        source = FileEndpointSource.open(directory.resolve("services.yaml"));
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Override
    protected EndpointSource source() {
        return source;
    }

    @Override
    protected void ask(String name, String address) throws IOException {
        addresses.put(name, address);
        write();
    }

    @Override
    protected void withdraw(String name) throws IOException {
        addresses.remove(name);
        write();
    }

    private void write() throws IOException {
        String services = addresses.entrySet().stream()
                .map(each -> "{name: " + each.getKey() + ", address: \"" + each.getValue()
                        + "\", ports: [{port: 80, backends: [\"198.18.0.21:8080\"]}]}")
                .collect(joining(", ", "services: [", "]"));
        Path next = Files.writeString(directory.resolve("next"), services);
        Files.move(next, directory.resolve("services.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }
}
