package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.api.Model;
import org.growingnn.dl4j.LatencyReport;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prunes a model to a target. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Removes the units that matter least until a target is met, and writes a smaller model.",
        footer = {
            "",
            "With --data, units are rated by what the loss would lose, and what is left is solved anew to compute what it"
                    + " did; labels are not needed for that. Without, units are rated by their weights.",
            "Example: growingnn prune model.zip --target params=0.1,macs=0.5 --data train.csv --label price --out small.zip"
        })
final class PruneCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private OutputFile out = new OutputFile();

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private MetricOption metric = new MetricOption();

    @Option(
            names = {"-t", "--target"},
            paramLabel = "GOAL",
            split = ",",
            required = true,
            description = "what is to be left: params=0.1 (a tenth), params=50000 or 'params<=50000' (at most so many),"
                    + " macs=0.5, macs=1M, memory=2MB, file-size=100KB, latency=0.5, latency=5ms; several are all met."
                    + " Anything else is taken for the name of a label, as with --label")
    private List<String> targets = new ArrayList<>();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "1",
            description = "prune in so many rounds, and train with --data behind each if there are several"
                    + " (default: ${DEFAULT-VALUE})")
    private int rounds = 1;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "passes over --data behind each round; 1 by default if there are several rounds, else 0")
    private Optional<Integer> epochs = Optional.empty();

    @Option(names = "--keep", paramLabel = "LAYER", split = ",", description = "layers that keep their widths")
    private List<String> kept = new ArrayList<>();

    @Option(names = "--prune-frozen-layers", description = "let frozen layers lose units, too")
    private boolean frozen;

    @Option(
            names = "--leave-out-inputs",
            paramLabel = "SHARE",
            description = "let up to a share of the features of vector inputs be left out")
    private Optional<Double> inputs = Optional.empty();

    @Option(
            names = "--search-widths",
            paramLabel = "N",
            description =
                    "try up to N ways to share what is left among the layers, and take the one whose answers on --data are"
                            + " nearest to the original's; without labels or training")
    private Optional<Integer> searched = Optional.empty();

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed = 42;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<String> goals = new ArrayList<>();
        for (String target : targets) {
            if (Targets.isGoal(target) || !data.given()) {
                goals.add(target);
            } else {
                data.label(target);
            }
        }
        if (goals.isEmpty()) {
            throw new InputException(
                    "None of --target " + targets + " is a goal.\nMaybe params=0.1, to leave a tenth?");
        }
        StructuralPruner.Builder builder =
                StructuralPruner.to(Targets.read(goals)).seed(seed).pruneFrozenLayers(frozen);
        GrowingnnCommand.prepare(spec);
        LoadedModel loaded = model.load();
        out.require(loaded);
        DataParts parts = data.load(loaded);
        Optional<Data> training = parts.training();
        Optional<Data> any = parts.judging();
        if (any.isPresent()) {
            loaded = loaded.withInputTypes(any.get().trainingData().inputTypes(loaded.network()));
        }
        if (training.isPresent()) {
            builder.calibrate(training.get().iterator());
        }
        if (!loaded.network().macsKnown() && goals.stream().anyMatch(Targets::needsInputSize)) {
            throw new InputException(
                    "--target " + String.join(",", goals) + " speaks of what depends on the size of inputs," + " which "
                            + loaded.path() + " does not store.\nMaybe add --input-size HxW, or --data?");
        }
        Optional<Grader> grader = Optional.empty();
        if (any.filter(Data::labelled).isPresent()) {
            grader = Optional.of(Grader.of(loaded, any.get(), metric.metric()));
        }
        int passes = epochs.orElse(rounds > 1 ? 1 : 0);
        if (rounds != 1 || passes != 0) {
            MultiDataSetIterator iterator = training.orElseThrow(() -> new InputException("--rounds " + rounds
                            + " and --epochs " + passes + " train between the rounds, but there is no --data."))
                    .requireLabels("train")
                    .iterator();
            builder.rounds(rounds, (live, round, all) -> {
                for (int pass = 0; pass < passes; pass++) {
                    iterator.reset();
                    live.fit(iterator);
                }
            });
        }
        builder.exclude(kept.toArray(String[]::new));
        if (searched.isPresent() && training.isEmpty()) {
            throw new InputException("--search-widths " + searched.get()
                    + " compares answers on --data, but there is none.\nMaybe add it? Labels are not needed.");
        }
        searched.ifPresent(builder::searchWidths);
        inputs.ifPresent(builder::leaveOutInputs);
        PruningResult result = builder.prune(loaded.model(), loaded.inputTypes());
        boolean chain = loaded.isChain() && inputs.isEmpty();
        Model pruned = chain ? result.multiLayerNetwork() : result.graph();
        out.write(pruned, loaded.hasUpdater() && goals.stream().noneMatch(Targets::isFileSize), loaded);
        Comparison comparison = comparison(loaded, result, grader);
        Console console = Console.of(spec);
        if (json) {
            console.result(Json.text(json(loaded, result, comparison)));
        } else {
            console.report(text(result, comparison));
        }
        return result.latency().map(LatencyReport::met).orElse(true) ? ExitCode.DONE : ExitCode.GOAL_MISSED;
    }

    private Comparison comparison(LoadedModel loaded, PruningResult result, Optional<Grader> grader)
            throws IOException {
        return new Comparison(
                "before",
                "after",
                Comparison.Counts.of(
                        result.initialNetwork().parameterCount(),
                        result.network().parameterCount()),
                Comparison.Counts.macs(result.initialNetwork(), result.network()),
                Comparison.Counts.of(loaded.bytes(), Files.size(out.path())),
                Comparison.Counts.unknown(),
                grader.map(some -> some.metric().name()).orElse(""),
                grader.map(some -> some.source() + " (" + TextTable.number(some.examples()) + " examples)")
                        .orElse(""),
                grader.map(some ->
                        new Comparison.Values(some.measure(result.initialNetwork()), some.measure(result.network()))));
    }

    private String text(PruningResult result, Comparison comparison) {
        StringBuilder text = new StringBuilder(comparison.text()).append('\n');
        TextTable widths = new TextTable(List.of("layer", "units", "left"), Set.of("units", "left"));
        for (UnitSpace before : changed(result)) {
            widths.row(
                    String.join(", ", before.producers()),
                    TextTable.number(before.size()),
                    TextTable.number(left(result, before)));
        }
        text.append(widths).append('\n');
        result.latency().ifPresent(report -> text.append(report.describe()).append('\n'));
        return text.append("Written to ").append(out.path()).append('\n').toString();
    }

    private static List<UnitSpace> changed(PruningResult result) {
        return result.initialNetwork().spaces().stream()
                .filter(space -> space.resizable() && !space.features() && left(result, space) != space.size())
                .toList();
    }

    /** Spaces keep their names. */
    private static long left(PruningResult result, UnitSpace before) {
        NetworkGraph after = result.network();
        return after.spaceNamed(before.name()).size();
    }

    private ObjectNode json(LoadedModel loaded, PruningResult result, Comparison comparison) {
        ObjectNode root = Json.object();
        root.put("model", loaded.path().toString());
        root.put("out", out.path().toString());
        comparison.put(root, "before", "after");
        ArrayNode goals = root.putArray("goals");
        for (PruningResult.Reached reached : result.reached()) {
            ObjectNode node = goals.addObject();
            node.put("cost", Names.hyphenated(reached.cost()));
            node.put("before", reached.before());
            node.put("after", reached.after());
            node.put("goal", reached.goal());
            node.put("met", reached.met());
        }
        ArrayNode widths = root.putArray("widths");
        for (UnitSpace space : changed(result)) {
            ObjectNode node = widths.addObject();
            node.put("space", space.name());
            space.producers().forEach(node.putArray("layers")::add);
            node.put("before", space.size());
            node.put("after", left(result, space));
        }
        result.latency().ifPresent(report -> root.put("latencyMet", report.met()));
        return root;
    }
}
