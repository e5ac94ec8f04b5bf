/**
 * The words everything else is said in: Services, addresses, frontends, backends, and what is and what should be.
 *
 * <p>Only immutable records and enums: any thread may hold any of them for ever. Constructors check their arguments and
 * copy collections, so an object that exists is a valid one.
 *
 * <p>Start reading at {@link io.littlelb.core.model.Inputs}: what is asked for, {@link io.littlelb.core.model.ClusterSnapshot}, and what is,
 * {@link io.littlelb.core.model.ActualState}. Then what should be, {@link io.littlelb.core.model.DesiredState}.
 */
package io.littlelb.core.model;
