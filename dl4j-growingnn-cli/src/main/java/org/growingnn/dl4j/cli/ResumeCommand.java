package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.run.RunSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Goes on with a run. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Goes on with a run that was stopped, from its last generation; with other goals or more generations"
                        + " also with one that is over.",
        footer = {
            "",
            "Data and settings are those of the run unless others are given.",
            "Example: growingnn resume run --target params=0.1 --generations 30"
        })
final class ResumeCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "RUN", description = "folder of the run")
    private Path path = Path.of("");

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private RunOptions run = new RunOptions();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /** Options that a run began with. */
    @Command
    private static final class Begun {

        @Mixin
        private DataOptions data = new DataOptions();
    }

    @Override
    public Integer call() throws IOException {
        RunFolder folder = RunFolder.open(path);
        Session.Kept kept = Session.kept(folder);
        List<String> named = run.goals().isEmpty() ? kept.goals() : run.goals();
        List<CostGoal> goals = Targets.goals(named);
        RunSettings begun = folder.settings();
        if (goals.stream().anyMatch(goal -> goal.cost() == Cost.LATENCY)
                && begun.latencies().isEmpty()) {
            throw new InputException(
                    "The run in " + path + " began without a goal of latency, and does not know what layers"
                            + " take.\nMaybe begin a new run with its " + RunFolder.BEST + "?");
        }
        RunSettings settings = run.settings(begun, goals);
        boolean oneDnn = kept.oneDnn() && GrowingnnCommand.allowsOneDnn(spec);
        GrowingnnCommand.prepare(oneDnn);
        LoadedModel loaded = Models.load(path.resolve(RunFolder.INITIAL));
        if (!kept.inputSize().isEmpty()) {
            loaded = loaded.withInputSize(kept.inputSize());
        }
        Begun options = new Begun();
        new CommandLine(options).parseArgs(kept.data().toArray(String[]::new));
        data.completeBy(options.data);
        Session session =
                new Session(Console.of(spec), () -> folder, loaded, data, named, settings, watch, oneDnn, json);
        return session.execute(run.goesFurther() ? Session.Begin.FURTHER : Session.Begin.AGAIN);
    }
}
