package io.littlelb.core.loop;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.plan.PortNames;
import io.littlelb.core.plan.Step;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Steps that were taken for one Service, as one sentence. */
final class StepClauses {
    private static final int MOST_NAMED = 8;
    private static final int MOST_PORTS = 3;

    private final Map<Frontend, FrontendStatus> before;
    private final SortedSet<InetAddress> removed = new TreeSet<>(Addresses.ORDER);
    private final SortedSet<InetAddress> added = new TreeSet<>(Addresses.ORDER);
    private final PortNames opened = new PortNames(MOST_PORTS);
    private final PortNames refusing = new PortNames(MOST_PORTS);
    private final PortNames changed = new PortNames(MOST_PORTS);
    private final PortNames closed = new PortNames(MOST_PORTS);

    /** @param before the frontends as they were before the first step */
    StepClauses(Map<Frontend, FrontendStatus> before) {
        this.before = before;
    }

    void add(Step step) {
        if (step instanceof Step.SetFrontend set) {
            int backends = set.config().backends().size();
            ofSet(set.frontend(), backends).add(set.frontend(), backends);
        } else if (step instanceof Step.RemoveFrontend remove) {
            closed.add(remove.frontend(), 0);
        } else if (step instanceof Step.AddAddress add) {
            added.add(add.cidr().address());
        } else if (step instanceof Step.RemoveAddress remove) {
            removed.add(remove.cidr().address());
        }
    }

    private PortNames ofSet(Frontend frontend, int backends) {
        if (backends == 0) {
            return refusing;
        }
        FrontendStatus status = before.get(frontend);
        return status != null && status.state() == FrontendStatus.State.OPEN ? changed : opened;
    }

    @Override
    public String toString() {
        List<String> clauses = new ArrayList<>();
        ports(clauses, closed, "closed", "");
        addresses(clauses, "removing", removed, "from");
        addresses(clauses, "adding", added, "to");
        ports(clauses, opened, "open", ", " + opened.backends());
        ports(clauses, changed, "changed", ", now " + changed.backends());
        ports(clauses, refusing, "closed to clients", "");
        return String.join("; ", clauses);
    }

    private static void ports(List<String> clauses, PortNames ports, String what, String more) {
        if (!ports.isEmpty()) {
            clauses.add(ports + " " + what + " on " + ports.addresses() + more);
        }
    }

    private static void addresses(List<String> clauses, String verb, SortedSet<InetAddress> ips, String where) {
        if (!ips.isEmpty()) {
            String first = ips.stream().limit(MOST_NAMED).map(Addresses::print).collect(joining(", "));
            String names = ips.size() <= MOST_NAMED ? first : first + " and " + (ips.size() - MOST_NAMED) + " more";
            clauses.add(verb + " " + names + " " + where + " the link");
        }
    }
}
