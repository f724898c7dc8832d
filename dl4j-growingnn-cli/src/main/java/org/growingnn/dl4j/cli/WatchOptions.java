package org.growingnn.dl4j.cli;

import java.io.IOException;
import org.growingnn.dl4j.cli.report.ReportServer;
import org.growingnn.dl4j.folder.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether the report of a run can be looked at while it is under way. */
final class WatchOptions {

    @Option(names = "--watch", description = "serve the report while the run is under way, to this machine only")
    private boolean watch;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "port of --watch; any free one by default")
    private int port;

    /** Starts to serve; null if nobody wants to watch. */
    @Nullable
    ReportServer serve(RunFolder folder, Console console) throws IOException {
        if (!watch) {
            return null;
        }
        ReportServer server = ReportServer.start(folder.path(), port);
        console.note("The report is at " + server.address());
        return server;
    }
}
