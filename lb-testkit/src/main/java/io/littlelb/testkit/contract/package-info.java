/**
 * What every implementation of a port must do, as tests: each runs against the one in memory and against the real ones.
 *
 * <p>Start reading at {@link io.littlelb.testkit.contract.AddressManagerContract}.
 */
package io.littlelb.testkit.contract;
