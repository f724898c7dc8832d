package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.cli.report.Report;
import org.growingnn.dl4j.folder.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the report of a run. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Writes a page about a run, under way or over, that a browser shows without a network.",
        footer = {"", "Example: growingnn report run"})
final class ReportCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "RUN", description = "folder of the run")
    private Path path = Path.of("");

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description = "where to write the page; by default report.html in the folder, which may be there already")
    private @Nullable Path out;

    @Option(names = "--force", description = "replace a file that exists")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        RunFolder folder = RunFolder.open(path);
        Path page = out == null ? folder.path().resolve(Session.REPORT) : out;
        OutputFile.requireWritable(page, "--out", force || out == null);
        Report.write(folder.path(), page);
        Console.of(spec).report("Written to " + page + "\n");
        return ExitCode.DONE;
    }
}
