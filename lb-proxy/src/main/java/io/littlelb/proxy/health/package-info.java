/**
 * Which backends answer, as clients find out and as they are asked. Internal.
 *
 * <p>Asks on one loop; told and read from any thread. Start reading at {@code BackendHealth}.
 */
package io.littlelb.proxy.health;
