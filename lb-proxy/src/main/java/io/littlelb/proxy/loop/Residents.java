package io.littlelb.proxy.loop;

import io.littlelb.core.model.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Who lives on a loop. For its thread. */
final class Residents {
    private final List<Resident> all = new ArrayList<>();

    void add(Resident resident) {
        all.add(resident);
        resident.position = all.size() - 1;
    }

    /** Does nothing to one that never came to live here. */
    void remove(Resident resident) {
        if (resident.position == Resident.NOWHERE) {
            return;
        }
        Resident last = all.remove(all.size() - 1);
        if (last != resident) {
            all.set(resident.position, last);
            last.position = resident.position;
        }
        resident.position = Resident.NOWHERE;
    }

    void breakOff(Predicate<Resident> which, Ending ending) {
        for (Resident resident : List.copyOf(all)) {
            try {
                if (which.test(resident)) {
                    resident.breakOff(ending);
                }
            } catch (RuntimeException | Error fault) {
                Isolated.end(resident, fault);
            }
        }
    }

    /**
     * Looks at some of them.
     *
     * @param from the highest position to look at; the last one's is as good as any beyond
     * @param most how many to look at
     * @param visitor returns whether it wants to see more; one that it is shown may end
     * @return where to go on, or a negative number when there is nobody left to see. Who leaves meanwhile gives his place to the last one, who has been seen
     *     already: going down, nobody is missed, and some may be seen twice
     */
    int visit(int from, int most, Predicate<Resident> visitor) {
        int position = Math.min(from, all.size() - 1);
        for (int seen = 0; seen < most && position >= 0; seen++) {
            if (!visitor.test(all.get(position))) {
                return -1;
            }
            position = Math.min(position, all.size()) - 1;
        }
        return position;
    }
}
