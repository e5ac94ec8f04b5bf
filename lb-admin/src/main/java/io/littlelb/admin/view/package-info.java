/**
 * What is shown to a person or a program: records whose JSON is the contract of {@code /v1/}, and the functions that make them.
 *
 * <p>The JSON has the records' names. It only grows: a member is never renamed, never changes its unit or meaning, and is never taken away within
 * {@code v1}; who reads it passes over members that it does not know. Times are in seconds, sizes in bytes, instants as of RFC 3339; what is not there is
 * left out. A table of a command is made of the same records, and of nothing else.
 *
 * <p>Start reading at {@link io.littlelb.admin.view.StatusView}.
 */
package io.littlelb.admin.view;
