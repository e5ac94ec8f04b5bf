/** A frontend and its clients, of whatever protocol: which backend each is sent to, how many there may be, what is counted. */
package io.littlelb.proxy.frontend;
