package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.LiveModel;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How the cost of a candidate grows with depth and width: chains of dense layers, of which one in the middle loses a quarter of its units.
 * Everything is measured in turns with {@code clone()} and with one training step of the same network.
 */
@Command(
        name = "cost-growth",
        mixinStandardHelpOptions = true,
        description = "Tells what a candidate costs, over depth and width of the network.")
public final class CostGrowth implements Callable<Integer> {

    private static final int INPUTS = 64;
    private static final int CLASSES = 10;
    private static final int BATCH = 32;

    @Option(
            names = "--depths",
            split = ",",
            defaultValue = "5,10,20,50,100",
            description = "numbers of layers (default: ${DEFAULT-VALUE})")
    private List<Integer> depths;

    @Option(
            names = "--widths",
            split = ",",
            defaultValue = "64,256,1024,4096",
            description = "numbers of units of each (default: ${DEFAULT-VALUE})")
    private List<Integer> widths;

    @Option(
            names = "--parameters",
            defaultValue = "90000000",
            description = "networks with more are left out (default: ${DEFAULT-VALUE})")
    private long parameters;

    @Option(names = "--runs", defaultValue = "7", description = "repetitions (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private CostGrowth() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CostGrowth()).execute(arguments));
    }

    @Override
    @SuppressWarnings("try") // The threads are only held.
    public Integer call() throws IOException {
        MarkdownTable table = new MarkdownTable(
                "Chains of dense layers, one BLAS thread, medians of " + runs + " runs in ms",
                List.of(
                        "layers",
                        "units",
                        "parameters",
                        "clone()",
                        "training step of " + BATCH,
                        "read",
                        "change the graph",
                        "build the model",
                        "candidate, of clone()"));
        try (BlasThreads single = BlasThreads.single()) {
            for (int depth : depths) {
                for (int width : widths) {
                    if ((long) (depth - 2) * width * width <= parameters) {
                        row(table, depth, width);
                    }
                }
            }
        }
        table.show(out);
        return 0;
    }

    private void row(MarkdownTable table, int depth, int width) {
        ComputationGraph model = chain(depth, width);
        INDArray features = Nd4j.randn(BATCH, INPUTS);
        INDArray labels = Nd4j.zeros(BATCH, CLASSES);
        labels.getColumn(0).assign(1);
        Map<String, List<Double>> times = new LinkedHashMap<>();
        // The first three runs warm up.
        for (int run = -3; run < runs; run++) {
            Clock clock = new Clock(times, run >= 0);
            ComputationGraph copy = model.clone();
            clock.lap("clone");
            copy.fit(new INDArray[] {features}, new INDArray[] {labels});
            clock.lap("step");
            LiveModel.release(copy);
            clock.restart();
            NetworkGraph network = Dl4jGraphs.read(model);
            clock.lap("read");
            StructuralAction action = Actions.removeNeurons(network.space("layer" + depth / 2), 0.25);
            NetworkGraph changed = action.apply(network, Projections.pseudoInverse());
            clock.lap("change");
            LiveModel live = LiveModel.of(changed);
            clock.lap("build");
            live.close();
        }
        table.row(List.of(
                String.valueOf(depth),
                String.valueOf(width),
                String.format(Locale.ROOT, "%,d", model.numParams()),
                milliseconds(times, "clone"),
                milliseconds(times, "step"),
                milliseconds(times, "read"),
                milliseconds(times, "change"),
                milliseconds(times, "build"),
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        (median(times, "change") + median(times, "build")) / median(times, "clone"))));
        LiveModel.release(model);
    }

    private static String milliseconds(Map<String, List<Double>> times, String what) {
        return String.format(Locale.ROOT, "%.2f", median(times, what));
    }

    private static double median(Map<String, List<Double>> times, String what) {
        List<Double> sorted = times.get(what).stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static ComputationGraph chain(int depth, int width) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(1e-3))
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(INPUTS));
        List<String> names = new ArrayList<>(List.of("in"));
        for (int layer = 1; layer < depth; layer++) {
            builder.addLayer(
                    "layer" + layer, new DenseLayer.Builder().nOut(width).build(), names.get(layer - 1));
            names.add("layer" + layer);
        }
        builder.addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nOut(CLASSES)
                        .build(),
                names.get(depth - 1));
        ComputationGraph model = new ComputationGraph(builder.setOutputs("out").build());
        model.init();
        return model;
    }

    /** Times one step behind the other. */
    private static final class Clock {

        private final Map<String, List<Double>> times;
        private final boolean counts;
        private long since = System.nanoTime();

        Clock(Map<String, List<Double>> times, boolean counts) {
            this.times = times;
            this.counts = counts;
        }

        void restart() {
            since = System.nanoTime();
        }

        void lap(String what) {
            long now = System.nanoTime();
            if (counts) {
                times.computeIfAbsent(what, key -> new ArrayList<>()).add((now - since) / 1e6);
            }
            restart();
        }
    }
}
