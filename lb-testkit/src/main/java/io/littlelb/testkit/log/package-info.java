/** What is said in the log, for tests that read it. */
package io.littlelb.testkit.log;
