package io.littlelb.k8s;

import com.google.common.base.Throwables;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Why an API server could not be asked, in words of whoever runs it.
 *
 * @param what is wrong
 * @param remedy what to do about it
 */
public record ApiFailure(String what, String remedy) {
    private static final int UNAUTHORIZED = 401;

    /** What the client library's exception means. */
    public static ApiFailure of(Throwable failure) {
        List<Throwable> chain = Throwables.getCausalChain(failure);
        String reason = ClusterCaches.reason(failure);
        if (chain.stream().anyMatch(ApiFailure::isUnauthorized)) {
            return new ApiFailure(
                    "the API server does not know who we are (401 Unauthorized)",
                    "the token or the client certificate is wrong, or has expired: renew it in the kubeconfig");
        }
        if (isAny(chain, SSLException.class) || isAny(chain, GeneralSecurityException.class)) {
            return new ApiFailure(
                    "the certificate of the API server is not trusted (" + reason + ")",
                    "put the certificate of its authority into certificate-authority of the kubeconfig, and see that server"
                            + " has a name that the certificate is for");
        }
        if (isAny(chain, UnknownHostException.class)) {
            return new ApiFailure(
                    "there is no such host (" + reason + ")", "see that server is right in the kubeconfig");
        }
        if (isAny(chain, ConnectException.class)) {
            return new ApiFailure(
                    "no API server listens there (" + reason + ")",
                    "see that it runs, and that server is right in the kubeconfig");
        }
        if (isAny(chain, TimeoutException.class) || isAny(chain, SocketTimeoutException.class)) {
            return new ApiFailure(
                    "nobody answers there in time (" + reason + ")",
                    "see that server is right in the kubeconfig, and that no firewall stands between");
        }
        return new ApiFailure(reason, "look at the kubeconfig, and at the log of the API server");
    }

    private static boolean isUnauthorized(Throwable failure) {
        return failure instanceof KubernetesClientException refused && refused.getCode() == UNAUTHORIZED;
    }

    private static boolean isAny(List<Throwable> chain, Class<? extends Throwable> type) {
        return chain.stream().anyMatch(type::isInstance);
    }

    @Override
    public String toString() {
        return what + "; " + remedy;
    }
}
