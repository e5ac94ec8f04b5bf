package io.littlelb.bench;

/**
 * What one window gave.
 *
 * @param rate in the workload's unit
 * @param cost the proxy's CPU, in the workload's unit; 0 where no process does the work
 * @param p50Micros the median time of an exchange; 0 for bulk
 * @param p99Micros the time that one exchange in a hundred exceeded; 0 for bulk
 * @param foreign which share of the machine other programs had, 0 to 1
 */
record Window(
        Peer peer, Workload workload, double rate, double cost, double p50Micros, double p99Micros, double foreign) {}
