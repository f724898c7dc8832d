package org.growingnn.dl4j.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.training.LatencyMeter;
import org.growingnn.dl4j.training.LiveModel;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts two models side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Puts two models side by side: sizes and, with data, what they are judged by and how long they take.",
        footer = {
            "",
            "The metric is measured on --test, else --validation, else --data; --data decides how tables are standardised.",
            "Example: growingnn compare model.zip small.zip --data train.csv --test test.csv --label price"
        })
final class CompareCommand implements Callable<Integer> {

    private static final int WARM_UP_PASSES = 1000;
    private static final long WARM_UP_NANOS = 1_000_000_000L;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "A", description = "a model")
    private Path first = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "another one")
    private Path second = Path.of("");

    @Option(
            names = "--input-size",
            paramLabel = "HxW",
            split = "x",
            description =
                    "height and width of the maps that both models take, or the length of series; data tell it, too")
    private List<Integer> inputSize = List.of();

    @Mixin
    private LabelledDataOptions data = new LabelledDataOptions();

    @Mixin
    private MetricOption metric = new MetricOption();

    @Option(
            names = "--latency-batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "examples of a forward pass whose time is measured (default: ${DEFAULT-VALUE})")
    private int latencyBatch = 1;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /** A model with the data that it is judged on. */
    private record Contender(LoadedModel loaded, Optional<Data> data) {}

    @Override
    public Integer call() {
        if (latencyBatch < 1) {
            throw new InputException(
                    "The number of examples in a --latency-batch (" + latencyBatch + ") must be at least 1.");
        }
        GrowingnnCommand.prepare(spec);
        Contender a = contender(first);
        Contender b = contender(second);
        Optional<Grader> graderA = grader(a, metric.metric());
        // Both by the same metric.
        Optional<Grader> graderB = graderA.flatMap(some -> grader(b, some.metric()));
        Comparison comparison = new Comparison(
                first.toString(),
                second.toString(),
                Comparison.Counts.of(network(a).parameterCount(), network(b).parameterCount()),
                Comparison.Counts.macs(network(a), network(b)),
                Comparison.Counts.of(a.loaded.bytes(), b.loaded.bytes()),
                a.data.isPresent() ? latencies(a, b) : Comparison.Counts.unknown(),
                graderA.map(some -> some.metric().name()).orElse(""),
                graderA.map(some -> some.source() + " (" + TextTable.number(some.examples()) + " examples)")
                        .orElse(""),
                graderA.map(some -> new Comparison.Values(
                        some.measure(network(a)), graderB.orElseThrow().measure(network(b)))));
        Console console = Console.of(spec);
        if (json) {
            ObjectNode root = Json.object();
            root.put("a", first.toString());
            root.put("b", second.toString());
            comparison.put(root, "a", "b");
            console.result(Json.text(root));
        } else {
            console.result(comparison.text());
        }
        return ExitCode.DONE;
    }

    private Contender contender(Path path) {
        LoadedModel loaded = Models.load(path);
        if (!inputSize.isEmpty()) {
            loaded = loaded.withInputSize(inputSize);
        }
        // Each model may have a normaliser of its own.
        Optional<Data> judging = data.load(loaded).judging();
        if (judging.isPresent()) {
            loaded = loaded.withInputTypes(judging.get().trainingData().inputTypes(loaded.network()));
        }
        return new Contender(loaded, judging);
    }

    private static NetworkGraph network(Contender contender) {
        return contender.loaded.network();
    }

    private static Optional<Grader> grader(Contender contender, Metric metric) {
        return contender.data.map(some -> Grader.of(contender.loaded, some, metric));
    }

    private Comparison.Counts latencies(Contender a, Contender b) {
        MultiDataSet batchA = batch(a);
        MultiDataSet batchB = batch(b);
        warmUp(a, batchA);
        warmUp(b, batchB);
        LatencyMeter meter = new LatencyMeter();
        long[] nanos = Arrays.equals(
                        batchA.getFeatures(0).shape(), batchB.getFeatures(0).shape())
                ? meter.medians(List.of(network(a), network(b)), batchA)
                : new long[] {
                    meter.medians(List.of(network(a)), batchA)[0], meter.medians(List.of(network(b)), batchB)[0]
                };
        return Comparison.Counts.of(nanos[0], nanos[1]);
    }

    /** A virtual machine that has just started compiles what it runs often, and takes several times as long until then. */
    private static void warmUp(Contender contender, MultiDataSet batch) {
        ComputationGraph live = Dl4jGraphs.toComputationGraph(network(contender));
        try {
            long end = System.nanoTime() + WARM_UP_NANOS;
            for (int pass = 0; pass < WARM_UP_PASSES && System.nanoTime() < end; pass++) {
                LiveModel.output(live, batch);
            }
        } finally {
            LiveModel.release(live);
        }
    }

    private MultiDataSet batch(Contender contender) {
        List<MultiDataSet> examples =
                contender.data.orElseThrow().batches().get(0).asList();
        List<MultiDataSet> some = examples.subList(0, Math.min(latencyBatch, examples.size()));
        return some.size() == 1 ? some.get(0) : org.nd4j.linalg.dataset.MultiDataSet.merge(some);
    }
}
