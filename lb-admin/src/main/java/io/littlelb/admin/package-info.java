/**
 * What an instance does, asked and ordered over HTTP.
 *
 * <p>Everything shown is a view of the core's records, taken when somebody asks: {@code Observation} takes them together, a maker each turns them
 * into a view, and {@code Routes} says what is where. No thread here moves bytes or makes passes, and none of those waits for one here.
 *
 * <p>Start reading at {@link io.littlelb.admin.AdminServer}.
 */
package io.littlelb.admin;
