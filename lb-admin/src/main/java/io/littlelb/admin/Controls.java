package io.littlelb.admin;

import io.littlelb.admin.view.OrderView;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import java.util.List;
import java.util.Optional;

/** What only the program around a load balancer can do. All methods may be called from any thread, several at the same time. */
public interface Controls {
    /**
     * Reads what somebody wants to know the fate of before it exists.
     *
     * @param text a manifest, in YAML or JSON
     * @throws IllegalArgumentException when it is of no Service; says what it is instead
     */
    List<Manifest> read(String text);

    /** Reads again what can be read again, and says what came of it. */
    OrderView reload();

    /** How much is logged: {@code error}, {@code warn}, {@code info} or {@code debug}. */
    String logLevel();

    /**
     * Logs so much from now on.
     *
     * @throws IllegalArgumentException when there is no such level; names those there are
     */
    void logLevel(String level);

    /**
     * A Service of a manifest.
     *
     * @param service empty when it would not be this instance's to serve
     * @param whyNot in a sentence; empty when it would
     */
    record Manifest(ServiceKey key, Optional<ServiceSpec> service, String whyNot) {}
}
