package io.littlelb.admin.view;

/**
 * Something that stands in a Service's way, in the words of its Events and conditions.
 *
 * @param service {@code NAMESPACE/NAME}
 * @param reason one word for programs
 * @param message a sentence for people
 */
public record ComplaintView(String service, String reason, String message) {}
