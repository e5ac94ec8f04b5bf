package io.littlelb.testkit.apiserver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate for a server, signed by an authority of its own; made by keytool(1) of this JDK.
 *
 * @param context with its key
 * @param pem the certificate of the authority
 */
public record ServerCertificate(SSLContext context, String pem) {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final String ALIAS = "server";
    private static final String AUTHORITY = "authority";

    /** One for 127.0.0.1, valid for a day. */
    public static ServerCertificate valid(Path directory) throws IOException, GeneralSecurityException {
        return make(directory, "IP:127.0.0.1", "-1H");
    }

    /** One for 127.0.0.1 that was valid until two days ago. */
    public static ServerCertificate expired(Path directory) throws IOException, GeneralSecurityException {
        return make(directory, "IP:127.0.0.1", "-3d");
    }

    /** One for another host. */
    public static ServerCertificate ofAnother(Path directory) throws IOException, GeneralSecurityException {
        return make(directory, "DNS:another.example", "-1H");
    }

    private static ServerCertificate make(Path directory, String name, String from)
            throws IOException, GeneralSecurityException {
        Path store = Files.createTempDirectory(directory, "certificate").resolve("store");
        make(store, AUTHORITY, "-ext", "bc:critical", "-validity", "10", "-startdate", "-5d");
        make(store, ALIAS, "-signer", AUTHORITY, "-ext", "san=" + name, "-startdate", from, "-validity", "1");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys.getCertificate(AUTHORITY).getEncoded());
        return new ServerCertificate(
                context, "-----BEGIN CERTIFICATE-----\n" + encoded + "\n-----END CERTIFICATE-----\n");
    }

    private static void make(Path store, String alias, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store.toString()));
        command.addAll(List.of(options));
        keytool(command);
    }

    private static void keytool(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for keytool", e);
        }
    }

    /** Such as {@code certificate-authority-data} has it. */
    public String base64() {
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
