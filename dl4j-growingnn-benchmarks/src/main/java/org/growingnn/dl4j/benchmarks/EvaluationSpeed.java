package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.examples.TestModels;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.SimulationSet;
import org.growingnn.dl4j.training.SimulationSettings;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many candidates are made, trained and graded per second, next to what Deeplearning4j takes for the same steps and to the bare
 * products of matrices in them, in turns in one process.
 */
@Command(
        name = "evaluation-speed",
        mixinStandardHelpOptions = true,
        description = "Evaluates candidates of a network and compares the time with Deeplearning4j's own.")
public final class EvaluationSpeed implements Callable<Integer> {

    /** 784-128-128-128-10, 200 examples, 21 epochs in batches of 128 are 42 steps; graded on what was trained on. */
    private static final SimulationSettings PERCEPTRON = new SimulationSettings(200, 0, 21, 128);

    @Option(
            names = "--model",
            defaultValue = "mlp",
            description = "mlp (784-128-128-128-10), lenet or rescnn (default: ${DEFAULT-VALUE})")
    private String model;

    @Option(names = "--runs", defaultValue = "7", description = "repetitions of everything (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--candidates",
            defaultValue = "6",
            description = "candidates in each repetition (default: ${DEFAULT-VALUE})")
    private int candidates;

    @Option(
            names = "--workers",
            split = ",",
            defaultValue = "1,2",
            description = "numbers of threads (default: ${DEFAULT-VALUE})")
    private List<Integer> workers;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private EvaluationSpeed() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EvaluationSpeed()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        boolean perceptron = model.equals("mlp");
        NetworkGraph network = switch (model) {
            case "mlp" -> Dl4jGraphs.read(perceptron());
            case "lenet" -> Dl4jGraphs.read(TestModels.lenet());
            case "rescnn" -> Dl4jGraphs.read(TestModels.rescnn());
            default -> throw new IllegalArgumentException("The model (" + model + ") must be mlp, lenet or rescnn.");
        };
        SimulationSettings settings = perceptron ? PERCEPTRON : SimulationSettings.DEFAULT;
        SimulationSet set = SimulationSet.draw(TrainingData.of(Mnist.bundled().train(100, 1)), settings, 1);
        CandidateEvaluator evaluator = new CandidateEvaluator(
                set,
                settings,
                Score.accuracy(1).relativeParameters(1),
                network,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE);
        List<StructuralAction> actions = Actions.neurons().generate(network).toList();

        int defaultThreads = Nd4j.factory().blas().getMaxThreads();
        Map<String, Work> work = new LinkedHashMap<>();
        for (int threads : workers) {
            ThreadExecutor executor = new ThreadExecutor(threads);
            work.put(threads + (threads == 1 ? " worker" : " workers"), round -> {
                Nd4j.factory().blas().setMaxThreads(1);
                List<Candidate> chosen = chosen(actions, round).stream()
                        .map(action -> Candidate.root(network).then(action, Projections.pseudoInverse()))
                        .toList();
                executor.evaluate(evaluator, chosen, round, Cancellation.never(), evaluated -> {
                    if (!(evaluated.evaluation() instanceof Grade)) {
                        throw new IllegalStateException(evaluated.evaluation().toString());
                    }
                });
            });
        }
        work.put("Deeplearning4j, one thread", round -> plain(network, actions, set, settings, round, 1));
        work.put(
                "Deeplearning4j, " + defaultThreads + " threads by default",
                round -> plain(network, actions, set, settings, round, defaultThreads));
        if (perceptron) {
            for (int threads : workers) {
                List<Products> products = IntStream.range(0, threads)
                        .mapToObj(i -> new Products(set))
                        .toList();
                work.put("bare products, " + threads + (threads == 1 ? " thread" : " threads"), round -> {
                    Nd4j.factory().blas().setMaxThreads(1);
                    inParallel(products, settings.epochs());
                });
            }
        }
        show(work);
        return 0;
    }

    private interface Work {
        void run(int round);
    }

    private List<StructuralAction> chosen(List<StructuralAction> actions, int round) {
        return IntStream.range(0, candidates)
                .mapToObj(i -> actions.get((round * candidates + i) % actions.size()))
                .toList();
    }

    /** Shares the evaluations among threads, so that what the processor itself gains by several threads is known. */
    private void inParallel(List<Products> products, int epochs) {
        List<Thread> threads = IntStream.range(0, products.size())
                .mapToObj(thread -> new Thread(() -> {
                    for (int i = thread; i < candidates; i += products.size()) {
                        products.get(thread).evaluation(epochs);
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The same steps on models that exist already, so that only Deeplearning4j's own time counts. */
    private void plain(
            NetworkGraph network,
            List<StructuralAction> actions,
            SimulationSet set,
            SimulationSettings settings,
            int round,
            int threads) {
        Nd4j.factory().blas().setMaxThreads(threads);
        for (StructuralAction action : chosen(actions, round)) {
            ComputationGraph graph = Dl4jGraphs.toComputationGraph(action.apply(network, Projections.pseudoInverse()));
            long start = System.nanoTime();
            if (set.unseen()) {
                set.grading().forEach(batch -> graph.output(batch.getFeatures()));
            }
            for (int epoch = 0; epoch < settings.epochs(); epoch++) {
                set.training().forEach(graph::fit);
            }
            set.grading().forEach(batch -> graph.output(batch.getFeatures()));
            counted += System.nanoTime() - start;
            graph.close();
        }
    }

    /** Time that counts instead of the whole round's, if any. */
    private long counted;

    private void show(Map<String, Work> work) throws IOException {
        Map<String, double[]> seconds = new LinkedHashMap<>();
        work.keySet().forEach(name -> seconds.put(name, new double[runs]));
        // The first two rounds warm up.
        for (int round = -2; round < runs; round++) {
            for (Map.Entry<String, Work> entry : work.entrySet()) {
                counted = 0;
                long start = System.nanoTime();
                entry.getValue().run(round + 2);
                long time = counted > 0 ? counted : System.nanoTime() - start;
                if (round >= 0) {
                    seconds.get(entry.getKey())[round] = time / 1e9 / candidates;
                }
            }
        }
        String first = work.keySet().iterator().next();
        MarkdownTable table = new MarkdownTable(
                model + ", median of " + runs + " rounds of " + candidates + " candidates",
                List.of("what", "ms each", "per second", "time, relative to " + first));
        seconds.forEach((name, times) -> table.row(List.of(
                name,
                String.format(Locale.ROOT, "%.1f", 1000 * median(times)),
                String.format(Locale.ROOT, "%.2f", 1 / median(times)),
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        median(IntStream.range(0, runs)
                                .mapToDouble(i -> times[i] / seconds.get(first)[i])
                                .toArray())))));
        table.show(out);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** The products of a dense network's steps, in the memory order that they are fastest in, without anything between them. */
    private static final class Products {

        private static final int[] WIDTHS = {Mnist.FEATURES, 128, 128, 128, Mnist.CLASSES};

        private final SimulationSet set;
        private final Map<Long, List<INDArray>> activations;
        private final Map<Long, List<INDArray>> errors;
        private final List<INDArray> weights = new ArrayList<>();
        private final List<INDArray> gradients = new ArrayList<>();

        Products(SimulationSet set) {
            this.set = set;
            this.activations = arrays(set);
            this.errors = arrays(set);
            for (int layer = 1; layer < WIDTHS.length; layer++) {
                weights.add(Nd4j.rand('f', new long[] {WIDTHS[layer - 1], WIDTHS[layer]})
                        .divi(WIDTHS[layer - 1]));
                gradients.add(Nd4j.zeros(new long[] {WIDTHS[layer - 1], WIDTHS[layer]}, 'f'));
            }
        }

        private static Map<Long, List<INDArray>> arrays(SimulationSet set) {
            return set.training().stream()
                    .map(batch -> batch.getFeatures(0).size(0))
                    .distinct()
                    .collect(Collectors.toMap(
                            rows -> rows,
                            rows -> Arrays.stream(WIDTHS)
                                    .mapToObj(width -> Nd4j.rand('f', new long[] {rows, width}))
                                    .toList()));
        }

        void evaluation(int epochs) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                for (MultiDataSet batch : set.training()) {
                    long rows = batch.getFeatures(0).size(0);
                    List<INDArray> values = activations.get(rows);
                    List<INDArray> passed = errors.get(rows);
                    forward(values);
                    for (int layer = weights.size() - 1; layer >= 0; layer--) {
                        Nd4j.gemm(values.get(layer), values.get(layer + 1), gradients.get(layer), true, false, 1, 0);
                        // Deeplearning4j propagates errors to the inputs, too.
                        Nd4j.gemm(values.get(layer + 1), weights.get(layer), passed.get(layer), false, true, 1, 0);
                    }
                }
            }
            set.training()
                    .forEach(batch ->
                            forward(activations.get(batch.getFeatures(0).size(0))));
        }

        private void forward(List<INDArray> values) {
            for (int layer = 0; layer < weights.size(); layer++) {
                Nd4j.gemm(values.get(layer), weights.get(layer), values.get(layer + 1), false, false, 1, 0);
            }
        }
    }

    private static MultiLayerNetwork perceptron() {
        ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(1e-3))
                .activation(Activation.RELU)
                .list();
        for (int i = 0; i < 3; i++) {
            layers.layer(new DenseLayer.Builder().nOut(128).build());
        }
        MultiLayerNetwork network = new MultiLayerNetwork(layers.layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(Mnist.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(Mnist.FEATURES))
                .build());
        network.init();
        return network;
    }
}
