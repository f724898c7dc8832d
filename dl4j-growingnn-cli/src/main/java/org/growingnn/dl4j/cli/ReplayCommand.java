package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.training.Calibrator;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
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

    /**
     * What is to be done.
     *
     * @param projection how weights follow
     * @param actions the changes, in order
     */
    record Recipe(Projection projection, List<StructuralAction> actions) {

        /**
         * Reads a recipe.
         *
         * @throws InputException if it is none, with the place
         */
        static Recipe read(Path file) {
            Inputs.requireFile(file, "recipe");
            JsonNode root;
            try {
                root = Json.read(Files.readString(file, StandardCharsets.UTF_8));
            } catch (JsonProcessingException e) {
                throw new InputException(
                        "The recipe " + file + " is no JSON: " + e.getOriginalMessage() + " (line "
                                + e.getLocation().getLineNr() + ")",
                        e);
            } catch (IOException e) {
                throw Inputs.unreadable(file, "recipe", e);
            }
            for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!List.of("projection", "actions").contains(name)) {
                    throw new InputException("The recipe " + file + " has an entry '" + name
                            + "', but only 'projection' and 'actions' are known.");
                }
            }
            if (!root.path("projection").isTextual() || !root.path("actions").isArray()) {
                throw new InputException("The recipe " + file
                        + " must have the name of a 'projection' and a list of 'actions'."
                        + "\nMaybe {\"projection\": \"pseudo-inverse\", \"actions\": [ … ]}?");
            }
            List<StructuralAction> actions = new ArrayList<>();
            for (JsonNode action : root.get("actions")) {
                try {
                    actions.add(Actions.fromJson(action.toString()));
                } catch (IllegalArgumentException e) {
                    throw new InputException(
                            "Action " + (actions.size() + 1) + " of " + file + " is none: " + e.getMessage(), e);
                }
            }
            return new Recipe(Projections.named(root.get("projection").asText()), actions);
        }
    }

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
        Recipe read = Recipe.read(recipe);
        GrowingnnCommand.prepare(spec);
        LoadedModel loaded = Models.load(model);
        out.require(loaded);
        Optional<Data> training = data.load(loaded).training();
        if (training.isPresent()) {
            loaded = loaded.withInputTypes(training.get().trainingData().inputTypes(loaded.network()));
        }
        NetworkGraph before = calibrated(read.projection(), loaded, training);
        NetworkGraph after = before;
        for (int i = 0; i < read.actions().size(); i++) {
            StructuralAction action = read.actions().get(i);
            try {
                after = action.apply(after, read.projection());
            } catch (IllegalArgumentException e) {
                throw new InputException(
                        "Action " + (i + 1) + " of " + recipe + ", " + action + ", does not apply to " + model
                                + (i > 0 ? " behind those before it" : "") + ": " + e.getMessage(),
                        e);
            }
        }
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
            root.put("actions", read.actions().size());
            comparison.put(root, "before", "after");
            console.result(Json.text(root));
        } else {
            console.report(comparison.text() + "\n" + read.actions().size() + " actions applied, written to "
                    + out.path() + "\n");
        }
        return ExitCode.DONE;
    }

    private NetworkGraph calibrated(Projection projection, LoadedModel loaded, Optional<Data> training) {
        if (training.isEmpty()) {
            if (projection.needsCalibration()) {
                throw new InputException("The projection " + projection.name() + " of " + recipe
                        + " looks at data, but there is none.\nMaybe add --data, which needs no labels?");
            }
            return loaded.network();
        }
        Calibrator calibrator =
                new Calibrator(CALIBRATION_BATCHES).withSquaredGradients(projection.needsSquaredGradients());
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
