package io.littlelb.cli;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test a {@link ClusterWorld} of its own, as the parameter of that type, and closes it after the test. */
final class ClusterExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(ClusterWorld.class);

    private final Clusters clusters;

    ClusterExtension(Clusters clusters) {
        this.clusters = clusters;
    }

    /** Where the clusters come from. */
    interface Clusters {
        /**
         * An empty one.
         *
         * @param files where files may be left
         */
        TestCluster open(Path files) throws Exception;
    }

    /** A world with its files. */
    private record Opened(ClusterWorld world, Path files) {}

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Path files = Files.createTempDirectory("cluster");
        context.getStore(NAMESPACE).put(Opened.class, new Opened(new ClusterWorld(clusters.open(files)), files));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Opened opened = context.getStore(NAMESPACE).remove(Opened.class, Opened.class);
        if (opened != null) { // as it is where none could be opened
            opened.world().close();
            MoreFiles.deleteRecursively(opened.files(), RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ClusterWorld.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Opened.class, Opened.class).world();
    }
}
