package io.littlelb.admin.view;

/**
 * The answer to an order of a person: {@code POST} to {@code /v1/drain/…}, {@code /v1/undrain/…}, {@code /v1/disconnect}, {@code /v1/log-level}, {@code /v1/reload}.
 *
 * @param done whether there was anything to do
 * @param text what was done, in a sentence; or why nothing was
 */
public record OrderView(boolean done, String text) {}
