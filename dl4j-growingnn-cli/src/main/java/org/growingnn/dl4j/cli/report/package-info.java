/**
 * The report of a run: one self-contained HTML page, made from a run's folder while the run is going on or after it ended. {@link
 * org.growingnn.dl4j.cli.report.Report} writes it, {@link org.growingnn.dl4j.cli.report.ReportServer} shows it live.
 */
package org.growingnn.dl4j.cli.report;
