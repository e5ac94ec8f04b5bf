/** TCP: from the accepted client and the dialled backend to the last byte of either. */
package io.littlelb.proxy.tcp;
