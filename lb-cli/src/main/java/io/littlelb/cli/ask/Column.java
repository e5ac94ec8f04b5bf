package io.littlelb.cli.ask;

/**
 * A column of a table.
 *
 * @param right whether it is aligned there, as numbers are
 * @param least of prose: to how many columns of the terminal it may be cut before any other is left out; of anything else it is out of reach
 * @param leaves when it is left out for want of room: 1 first; 0 never
 * @param onlyWide whether it is shown only where a person wants all there is
 */
record Column(String title, boolean right, int least, int leaves, boolean onlyWide) {
    private static final int WHOLE = Integer.MAX_VALUE;

    static Column left(String title) {
        return new Column(title, false, WHOLE, 0, false);
    }

    static Column right(String title) {
        return new Column(title, true, WHOLE, 0, false);
    }

    /** Prose, whose beginning says most. */
    Column prose(int columns) {
        return new Column(title, right, columns, leaves, onlyWide);
    }

    /** Left out when there is no room, the first one first. */
    Column leaves(int turn) {
        return new Column(title, right, least, turn, onlyWide);
    }

    /** Not shown but where all is. */
    Column wide() {
        return new Column(title, right, least, leaves, true);
    }
}
