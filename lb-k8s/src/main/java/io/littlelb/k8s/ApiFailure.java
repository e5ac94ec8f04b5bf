package io.littlelb.k8s;

import com.google.common.base.Throwables;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;

/**
 * Why an API server could not be asked, in words of whoever runs it.
 *
 * @param what is wrong
 * @param remedy what to do about it
 */
public record ApiFailure(String what, String remedy) {
    private static final int UNAUTHORIZED = 401;

    private static final int FORBIDDEN = 403;
    private static final int BAD_REQUEST = 400;

    /** What the client library's exception means. */
    public static ApiFailure of(Throwable failure) {
        List<Throwable> chain = Throwables.getCausalChain(failure);
        String reason = ClusterCaches.reason(failure);
        Optional<KubernetesClientException> answer = chain.stream()
                .flatMap(each -> each instanceof KubernetesClientException refused && refused.getCode() > 0
                        ? Stream.of(refused)
                        : Stream.empty())
                .findFirst();
        if (isAny(chain, JacksonException.class)) {
            return stranger("its answer cannot be read");
        }
        if (answer.isPresent()) {
            return ofAnswer(answer.get(), reason);
        }
        if (isAny(chain, SSLException.class) || isAny(chain, GeneralSecurityException.class)) {
            return ofTls(chain, reason);
        }
        return ofSilence(chain, reason);
    }

    private static ApiFailure ofAnswer(KubernetesClientException refused, String reason) {
        boolean ofAnApiServer =
                refused.getStatus() != null && refused.getStatus().getReason() != null;
        if (refused.getCode() == UNAUTHORIZED) {
            return new ApiFailure(
                    "the API server does not know who we are (401 Unauthorized)",
                    "the token or the client certificate is wrong, or has expired: renew it in the kubeconfig");
        }
        if (refused.getCode() == BAD_REQUEST && reason.contains(" at: http://")) {
            return new ApiFailure(
                    "what answers there refuses plain HTTP, as a server that speaks TLS only does (400 Bad Request)",
                    "write https:// for http:// at server in the kubeconfig");
        }
        if (!ofAnApiServer) {
            return stranger("HTTP " + refused.getCode());
        }
        if (refused.getCode() == FORBIDDEN) {
            return new ApiFailure(
                    "this account may not do that (403 Forbidden: " + Refusals.message(refused) + ")",
                    "grant it, see deploy/rbac.yaml");
        }
        return new ApiFailure(
                "the API server refuses (" + refused.getCode() + ": " + Refusals.message(refused) + ")",
                "look at the log of the API server");
    }

    private static ApiFailure stranger(String seen) {
        return new ApiFailure(
                "what answers there is no API server (" + seen + ")",
                "see that server is right in the kubeconfig, and that it is not a proxy that answers: HTTPS_PROXY, NO_PROXY");
    }

    private static ApiFailure ofTls(List<Throwable> chain, String reason) {
        if (isAny(chain, CertificateExpiredException.class) || isAny(chain, CertificateNotYetValidException.class)) {
            return new ApiFailure(
                    "the certificate of the API server has expired, or is not valid yet (" + reason + ")",
                    "renew it, if the clock of this host is right");
        }
        if (isAny(chain, CertPathBuilderException.class)) {
            return new ApiFailure(
                    "the certificate of the API server is signed by an authority that is not known here (" + reason
                            + ")",
                    "put the certificate of its authority into certificate-authority of the kubeconfig");
        }
        if (reason.startsWith("No subject alternative") || reason.startsWith("No name matching")) {
            return new ApiFailure(
                    "the certificate of the API server is for another host (" + reason + ")",
                    "let server in the kubeconfig have a name that the certificate is for, or set tls-server-name beside it");
        }
        if (reason.contains("nrecognized SSL message")) {
            return new ApiFailure(
                    "what listens there does not speak TLS",
                    "see that server is right in the kubeconfig: it may have to be http:// for https://, or another port");
        }
        return new ApiFailure(
                "no TLS connection to the API server can be made (" + reason + ")",
                "see that certificate-authority, client-certificate and client-key of the kubeconfig are right");
    }

    private static ApiFailure ofSilence(List<Throwable> chain, String reason) {
        if (isAny(chain, UnknownHostException.class) || isAny(chain, UnresolvedAddressException.class)) {
            return new ApiFailure(
                    "there is no such host as the API server's", "see that server is right in the kubeconfig");
        }
        if (isAny(chain, TimeoutException.class)
                || isAny(chain, SocketTimeoutException.class)
                || isAny(
                        chain,
                        HttpTimeoutException.class)) { // which, for a connection, has a ConnectException below it
            return new ApiFailure(
                    "nobody answers there in time (" + reason + ")",
                    "see that server is right in the kubeconfig, and that no firewall stands between");
        }
        if (isAny(chain, ConnectException.class)) {
            return new ApiFailure(
                    "no API server listens there (" + reason + ")",
                    "see that it runs, and that server is right in the kubeconfig");
        }
        return new ApiFailure(reason, "look at the kubeconfig, and at the log of the API server");
    }

    private static boolean isAny(List<Throwable> chain, Class<? extends Throwable> type) {
        return chain.stream().anyMatch(type::isInstance);
    }

    @Override
    public String toString() {
        return what + "; " + remedy;
    }
}
