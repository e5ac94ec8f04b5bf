/**
 * The words everything else is said in: Services, addresses, frontends, backends, and what is and what should be.
 *
 * <p>Only immutable records and enums: any thread may hold any of them for ever. Constructors check their arguments and
 * copy collections, so an object that exists is a valid one.
 *
 * <p>Start reading at {@link io.littlelb.core.model.ClusterSnapshot} (what is asked for), then
 * {@link io.littlelb.core.model.ActualState} and {@link io.littlelb.core.model.DesiredState}.
 */
package io.littlelb.core.model;
