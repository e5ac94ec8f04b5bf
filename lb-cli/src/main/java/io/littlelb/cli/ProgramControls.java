package io.littlelb.cli;

import io.littlelb.admin.Controls;
import io.littlelb.admin.view.OrderView;
import io.littlelb.cli.log.LogLevels;
import java.util.List;

/** What persons order of this program beyond its load balancer. */
final class ProgramControls implements Controls {
    private final LogLevels levels;

    private final Reload reload;

    ProgramControls(LogLevels levels, Reload reload) {
        this.levels = levels;
        this.reload = reload;
    }

    @Override
    public List<Manifest> read(String text) {
        throw new IllegalArgumentException("not yet");
    }

    @Override
    public OrderView reload() {
        Reload.Result result = reload.reload();
        return new OrderView(result.refused().isEmpty(), result.toString());
    }

    @Override
    public String logLevel() {
        return levels.current();
    }

    @Override
    public void logLevel(String level) {
        levels.set(level);
    }
}
