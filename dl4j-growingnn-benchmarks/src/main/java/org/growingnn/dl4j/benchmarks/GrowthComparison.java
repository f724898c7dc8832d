package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.search.BeamSearch;
import org.growingnn.dl4j.search.BestFirstSearch;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.HalvingBeamSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.training.SimulationSettings;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Validation accuracy that each search strategy reaches when a network of some hundred parameters grows on MNIST, with the same number of
 * evaluations in every generation and the same training.
 *
 * <p>The starters have a 3 × 3 convolution of 4 channels with stride 3, or two with stride 2, without biases, average pooling of whole maps, a
 * dense layer of 16 units, and an output without biases: 276 and 420 parameters. Nothing but {@link
 * org.growingnn.dl4j.run.SettingsBuilder#growth} is set besides what the options say. Examples held out from MNIST's training data, drawn by the seed,
 * are what the accuracy is told of; the search does not see them, but which of a run's models is returned is chosen by them, as the last one's
 * is in the protocol of GrowingNN's authors. Test accuracy is told beside it.
 */
@Command(
        name = "growth-comparison",
        mixinStandardHelpOptions = true,
        description = "Compares search strategies that grow a tiny network on MNIST.")
public final class GrowthComparison implements Callable<Integer> {

    private static final int CHANNELS = 4;
    private static final int UNITS = 16;

    /** The one list of strategies, by name: each is made with its number of evaluations per generation. */
    private static final Map<String, IntFunction<SearchStrategy>> STRATEGIES = strategies();

    @Option(names = "--data", paramLabel = "DIR", description = "MNIST's four IDX files; the bundled digits by default")
    private Path data;

    @Option(
            names = "--strategies",
            split = ",",
            description =
                    "which to compare, of mcts, mcts-paper, greedy, halving, gumbel, beam, best-first, halving-beam and random (default:"
                            + " all)")
    private List<String> names = List.copyOf(STRATEGIES.keySet());

    @Option(
            names = "--starters",
            split = ",",
            defaultValue = "1,2",
            description = "numbers of convolutions to start with (default: ${DEFAULT-VALUE})")
    private List<Integer> starters;

    @Option(names = "--seeds", split = ",", defaultValue = "1,2,3", description = "default: ${DEFAULT-VALUE}")
    private List<Integer> seeds;

    @Option(names = "--generations", defaultValue = "10", description = "default: ${DEFAULT-VALUE}")
    private int generations;

    @Option(names = "--epochs", defaultValue = "10", description = "of every generation (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(
            names = "--evaluations",
            defaultValue = "16",
            description = "candidates per generation at most (default: ${DEFAULT-VALUE})")
    private int evaluations;

    @Option(names = "--limit", defaultValue = "10000", description = "parameters at most (default: ${DEFAULT-VALUE})")
    private long limit;

    @Option(
            names = "--held-out",
            defaultValue = "10000",
            description = "examples to validate on, of all training data (default: ${DEFAULT-VALUE})")
    private int heldOut;

    @Option(
            names = "--fraction",
            defaultValue = "1",
            description = "share of training and held-out data to use (default: ${DEFAULT-VALUE})")
    private double fraction;

    @Option(names = "--samples", defaultValue = "4000", description = "of simulations (default: ${DEFAULT-VALUE})")
    private int samples;

    @Option(
            names = "--simulation-epochs",
            defaultValue = "4",
            description = "of a candidate's training (default: ${DEFAULT-VALUE})")
    private int simulationEpochs;

    @Option(names = "--batch", defaultValue = "128", description = "examples of a batch (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(names = "--rate", defaultValue = "3e-3", description = "learning rate (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--projection",
            defaultValue = "replication+gradient",
            description = "how units are added (default: ${DEFAULT-VALUE})")
    private String projection;

    @Option(names = "--workers", defaultValue = "1", description = "threads (default: ${DEFAULT-VALUE})")
    private int workers;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private GrowthComparison() {}

    private static Map<String, IntFunction<SearchStrategy>> strategies() {
        Map<String, IntFunction<SearchStrategy>> strategies = new LinkedHashMap<>();
        strategies.put(
                "mcts",
                count -> MonteCarloTreeSearch.builder()
                        .maxEvaluations(count)
                        .tieMargin(0)
                        .build());
        strategies.put(
                "mcts-paper",
                count -> MonteCarloTreeSearch.paper().maxEvaluations(count).build());
        strategies.put(
                "greedy", count -> GreedySearch.create().maxEvaluations(count).tieMargin(0));
        strategies.put(
                "halving",
                count -> SuccessiveHalving.create().maxEvaluations(count).tieMargin(0));
        strategies.put("gumbel", count -> GumbelTreeSearch.create().maxEvaluations(count));
        strategies.put("beam", count -> BeamSearch.ofWidth(4).maxEvaluations(count));
        strategies.put("best-first", count -> BestFirstSearch.create().maxEvaluations(count));
        strategies.put("halving-beam", count -> HalvingBeamSearch.ofWidth(4).maxEvaluations(count));
        strategies.put("random", count -> new RandomSearch());
        return strategies;
    }

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        GrowingNN.useOneDnn();
        System.exit(new CommandLine(new GrowthComparison()).execute(arguments));
    }

    /**
     * One run of one strategy from one starter.
     *
     * @param validation accuracy on held-out examples, in percent
     * @param test accuracy on test data, in percent
     * @param parameters of the final model
     * @param epochs trained in all
     * @param evaluations candidates that were trained and graded
     * @param seconds wall time
     */
    private record Run(double validation, double test, long parameters, int epochs, int evaluations, double seconds) {}

    @Override
    public Integer call() throws IOException {
        Mnist mnist = Mnist.find(data);
        // By number of convolutions and strategy, so that seeds are paired.
        Map<Integer, Map<String, List<Run>>> runs = new TreeMap<>();
        for (int seed : seeds) {
            for (int starter : starters) {
                for (String name : names) {
                    Run run = run(mnist, starter, name, seed);
                    runs.computeIfAbsent(starter, key -> new LinkedHashMap<>())
                            .computeIfAbsent(name, key -> new ArrayList<>())
                            .add(run);
                    System.out.printf(
                            Locale.ROOT,
                            "seed %d, %d parameters at first, %-10s validation %.2f %%, test %.2f %%, %,d parameters,"
                                    + " %d epochs, %d evaluations, %.0f s%n",
                            seed,
                            starter(starter, seed).numParams(),
                            name,
                            run.validation,
                            run.test,
                            run.parameters,
                            run.epochs,
                            run.evaluations,
                            run.seconds);
                }
            }
        }
        table(runs).show(out);
        return 0;
    }

    private Run run(Mnist mnist, int starter, String name, long seed) {
        IntFunction<SearchStrategy> strategy = STRATEGIES.get(name);
        if (strategy == null) {
            throw new IllegalArgumentException(
                    "There is no strategy '" + name + "'.\nMaybe one of " + STRATEGIES.keySet() + "?");
        }
        DataSet all = mnist.trainSet();
        int[] order = shuffled(all.numExamples(), seed);
        int held = (int) Math.round(fraction * heldOut);
        List<DataSet> training = part(all, order, held, (int) Math.round(fraction * order.length))
                .batchBy(batch);
        DataSet validation = part(all, order, 0, held);
        long started = System.nanoTime();
        OptimizationResult result = Protocol.completed(StructureOptimizer.builder()
                .growth(limit)
                .projection(Projections.named(projection))
                .train(new ListDataSetIterator<>(training, 1))
                .validation(new ListDataSetIterator<>(validation.batchBy(500), 1))
                .initialEpochs(epochs)
                .generations(generations - 1)
                .epochsPerGeneration(epochs)
                .recoveryEpochs(0)
                .search(strategy.apply(evaluations))
                .simulation(new SimulationSettings(samples, 0.5, simulationEpochs, 25))
                .learningRate(rate)
                .trainMetricSamples(500)
                .workers(workers)
                .seed(seed)
                .listener(RunListener.generations(generation -> System.out.println("  " + generation)))
                .build()
                .optimize(starter(starter, seed)));
        double seconds = (System.nanoTime() - started) / 1e9;
        return new Run(
                100
                        * result.graph()
                                .evaluate(new ListDataSetIterator<>(validation.batchBy(500), 1))
                                .accuracy(),
                100 * Protocol.testAccuracy(result.graph(), mnist),
                result.parameters(),
                result.history().stream().mapToInt(Generation::epochs).sum(),
                result.history().stream().mapToInt(Generation::evaluations).sum(),
                seconds);
    }

    private static int[] shuffled(int count, long seed) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    private static DataSet part(DataSet all, int[] order, int from, int to) {
        int[] rows = Arrays.copyOfRange(order, from, to);
        return new DataSet(all.getFeatures().getRows(rows), all.getLabels().getRows(rows));
    }

    /** Makes the network of 276 parameters, or with two convolutions that of 420. */
    private static ComputationGraph starter(int convolutions, long seed) {
        GraphBuilder graph = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(1e-3))
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutionalFlat(28, 28, 1));
        int stride = convolutions == 1 ? 3 : 2;
        String last = "input";
        for (int i = 1; i <= convolutions; i++) {
            graph.addLayer(
                    "conv" + i,
                    new ConvolutionLayer.Builder(3, 3)
                            .stride(stride, stride)
                            .nOut(CHANNELS)
                            .hasBias(false)
                            .build(),
                    last);
            last = "conv" + i;
        }
        ComputationGraph network =
                new ComputationGraph(graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last)
                        .addLayer("dense", new DenseLayer.Builder().nOut(UNITS).build(), "pool")
                        .addLayer(
                                "output",
                                new OutputLayer.Builder(LossFunction.MCXENT)
                                        .nOut(Mnist.CLASSES)
                                        .hasBias(false)
                                        .activation(Activation.SOFTMAX)
                                        .build(),
                                "dense")
                        .setOutputs("output")
                        .build());
        network.init();
        return network;
    }

    private MarkdownTable table(Map<Integer, Map<String, List<Run>>> runs) {
        MarkdownTable table = new MarkdownTable(
                String.format(
                        Locale.ROOT,
                        "MNIST, %d generations of %d epochs, at most %d evaluations per generation and %,d parameters, %.0f %% of the"
                                + " data; mean of %d seeds ± 95 %% confidence interval",
                        generations,
                        epochs,
                        evaluations,
                        limit,
                        100 * fraction,
                        seeds.size()),
                List.of(
                        "parameters at first",
                        "strategy",
                        "validation accuracy, %",
                        "paired difference to " + names.get(0),
                        "test accuracy, %",
                        "parameters",
                        "evaluations",
                        "seconds"));
        runs.forEach((starter, byName) -> byName.forEach((name, of) -> table.row(List.of(
                String.valueOf(starter(starter, 0).numParams()),
                name,
                sample(of, Run::validation).format(2),
                name.equals(names.get(0))
                        ? ""
                        : sample(of, Run::validation)
                                .minus(sample(byName.get(names.get(0)), Run::validation))
                                .format(2),
                sample(of, Run::test).format(2),
                sample(of, Run::parameters).format(0),
                sample(of, Run::evaluations).format(0),
                sample(of, Run::seconds).format(0)))));
        return table;
    }

    private static Sample sample(List<Run> runs, ToDoubleFunction<Run> value) {
        return new Sample(runs.stream().mapToDouble(value).toArray());
    }
}
