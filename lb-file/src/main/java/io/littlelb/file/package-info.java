/**
 * Services from a YAML file: read strictly, and again whenever it changes.
 *
 * <p>One thread, {@code lb-file}, waits for what inotify(7) tells of the file, reads it and calls the listener.
 *
 * <p>Start reading at {@link io.littlelb.file.FileEndpointSource}.
 */
package io.littlelb.file;
