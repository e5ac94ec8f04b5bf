package io.littlelb.cli;

import io.littlelb.cli.log.Logging;
import io.littlelb.core.model.Link;
import io.littlelb.proxy.ProxyConfig;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lb run}: looks at the flags, has the parts wired and started, and takes everything back at a signal. */
@Command(
        name = "run",
        description = "Serves Services on a link until SIGTERM or SIGINT, then takes everything back.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        Logging logging = options.logging();
        try {
            return run();
        } finally {
            logging.close();
        }
    }

    RunOptions options() {
        return options;
    }

    private int run() throws Exception {
        ServingOptions serving = options.serving();
        options.check(spec.commandLine().getParseResult());
        ProxyConfig config = options.proxy();
        ProxyOptions.requireDescriptors();
        Optional<Link> link = serving.presentLink();
        if (link.isPresent()) {
            options.checkPools(link.get());
        }
        StopSignal stop = StopSignal.listen();
        try (Assembly assembly = Assembly.open(options, config, stop)) {
            ProxyOptions.logLimit(config);
            assembly.start();
            stop.await();
        }
        log.info("Stopped");
        return 0;
    }
}
