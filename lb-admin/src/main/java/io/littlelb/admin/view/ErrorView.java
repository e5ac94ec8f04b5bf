package io.littlelb.admin.view;

/**
 * Why a request was not answered.
 *
 * @param error a sentence that says what to do
 */
public record ErrorView(String error) {}
