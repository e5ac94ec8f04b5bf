/** The program as a process, for tests that signal it, kill it and read its log. */
package io.littlelb.testkit.process;
