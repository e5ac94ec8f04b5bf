/** Which backends answer, as clients find out and as they are asked. */
package io.littlelb.proxy.health;
