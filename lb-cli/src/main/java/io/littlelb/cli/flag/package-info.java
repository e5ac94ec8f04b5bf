/** How the values of flags are read, whichever command has them. */
package io.littlelb.cli.flag;
