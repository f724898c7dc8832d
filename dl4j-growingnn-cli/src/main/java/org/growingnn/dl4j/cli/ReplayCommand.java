package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.Recipe;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Applies actions that were written down to a model. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Applies the actions of a recipe to a model, and writes what it becomes.",
        footer = {
            "",
            "A recipe is JSON: {\"projection\": \"pseudo-inverse\", \"actions\":"
                    + " [{\"action\": \"remove-neurons\", \"space\": \"conv2\", \"ratio\": 0.5, \"minimum\": 1}]}",
            "Projections that look at activations or gradients, and those that end with +refit, need --data."
        })
final class ReplayCommand implements Callable<Integer> {

    private static final int CALIBRATION_BATCHES = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RECIPE", description = "a JSON file")
    private Path recipe = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "MODEL",
            description = "a zip that Deeplearning4j's ModelSerializer wrote, or an HDF5 file that Keras wrote")
    private Path model = Path.of("");

    @Mixin
    private OutputFile out = new OutputFile();

    @Mixin
    private LabelledDataOptions data = new LabelledDataOptions();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Recipe read = read(recipe);
        GrowingnnCommand.prepare(spec);
        LoadedModel loaded = Models.load(model);
        out.require(loaded);
        Optional<Data> training = data.load(loaded).training();
        if (training.isPresent()) {
            loaded = loaded.withInputTypes(training.get().trainingData().inputTypes(loaded.network()));
        }
        NetworkGraph before = calibrated(read, loaded, training);
        NetworkGraph after = read.apply(before);
        Console console = Console.of(spec);
        out.write(written(loaded, after, console), loaded.hasUpdater(), loaded);
        Comparison comparison = new Comparison(
                "before",
                "after",
                Comparison.Counts.of(before.parameterCount(), after.parameterCount()),
                Comparison.Counts.macs(before, after),
                Comparison.Counts.of(loaded.bytes(), Files.size(out.path())),
                Comparison.Counts.unknown(),
                "",
                "",
                Optional.empty());
        if (json) {
            ObjectNode root = Json.object();
            root.put("recipe", recipe.toString());
            root.put("model", model.toString());
            root.put("out", out.path().toString());
            root.put("actions", read.changes().size());
            comparison.put(root, "before", "after");
            console.result(Json.text(root));
        } else {
            console.report(comparison.text() + "\n" + read.changes().size() + " actions applied, written to "
                    + out.path() + "\n");
        }
        return ExitCode.DONE;
    }

    private static Recipe read(Path file) {
        Inputs.requireFile(file, "recipe");
        try {
            return Recipe.fromJson(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw Inputs.unreadable(file, "recipe", e);
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    private NetworkGraph calibrated(Recipe read, LoadedModel loaded, Optional<Data> training) {
        if (training.isEmpty()) {
            if (read.needsCalibration()) {
                throw new InputException("A projection of " + recipe
                        + " looks at data, but there is none.\nMaybe add --data, which needs no labels?");
            }
            return loaded.network();
        }
        Calibrator calibrator = new Calibrator(CALIBRATION_BATCHES)
                .withSquaredGradients(read.needsSquaredGradients())
                .withCandidates(read.needsCandidates());
        return calibrator.calibrate(loaded.network(), training.get().trainingData());
    }

    /** Keeps the kind of model where that is possible. */
    private static Model written(LoadedModel loaded, NetworkGraph after, Console console) {
        if (!loaded.isChain()) {
            return Dl4jGraphs.toComputationGraph(after);
        }
        try {
            return Dl4jGraphs.toMultiLayerNetwork(after);
        } catch (IllegalArgumentException e) {
            console.note("Written as a ComputationGraph: " + e.getMessage());
            return Dl4jGraphs.toComputationGraph(after);
        }
    }
}
