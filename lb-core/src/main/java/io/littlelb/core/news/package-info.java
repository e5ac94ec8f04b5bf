/**
 * What has happened lately, for persons who ask afterwards: the last news, and the last connections that have ended. From memory, and gone with the process.
 *
 * <p>Start reading at {@link io.littlelb.core.news.Journal}.
 */
package io.littlelb.core.news;
