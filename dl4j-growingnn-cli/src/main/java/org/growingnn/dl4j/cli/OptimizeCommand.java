package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.run.RunSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Searches for a smaller model and trains it, in a folder from which the run can be resumed. */
@Command(
        name = "optimize",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Searches for a smaller or better structure, generation by generation, and trains what it finds.",
        footer = {
            "",
            "Ctrl-C ends the run behind the training step under way; growingnn resume goes on with it.",
            "Example: growingnn optimize model.zip --data train.csv --label price --target params=0.2 --out run"
        })
final class OptimizeCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private RunOptions run = new RunOptions();

    @Mixin
    private MetricOption metric = new MetricOption();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            required = true,
            description = "folder for the run, which does not exist or is empty; best.zip in it is the result")
    private Path out = Path.of("");

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<CostGoal> goals = Targets.goals(run.goals());
        RunSettings settings = run.settings(RunSettings.DEFAULT, goals);
        if (metric.given()) {
            settings = settings.with("metric", metric.metric());
        }
        boolean oneDnn = GrowingnnCommand.allowsOneDnn(spec);
        GrowingnnCommand.prepare(oneDnn);
        LoadedModel loaded = model.load();
        Session session = new Session(
                Console.of(spec),
                () -> RunFolder.create(out).carrying(loaded.extras()),
                loaded,
                data,
                run.goals(),
                settings,
                watch,
                oneDnn,
                json);
        return session.execute(Session.Begin.ANEW);
    }
}
