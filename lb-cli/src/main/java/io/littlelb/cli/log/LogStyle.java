package io.littlelb.cli.log;

/** The values of {@code --log-format}. */
public enum LogStyle {
    /** A line for people. */
    TEXT,
    /** A line with a JSON object, for programs. */
    JSON
}
