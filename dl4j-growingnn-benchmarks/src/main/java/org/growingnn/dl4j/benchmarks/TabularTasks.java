package org.growingnn.dl4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.math3.stat.StatUtils;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.RunEvent;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What one call with default settings makes of perceptrons for tables, measured on rows that the run never saw. */
@Command(
        name = "tabular-tasks",
        mixinStandardHelpOptions = true,
        description =
                "Trains perceptrons on tables, optimises them by default settings and prints what was gained and lost.")
public final class TabularTasks implements Callable<Integer> {

    private static final int BATCH = 128;
    private static final int[] UNITS = {256, 256};

    /** What a model is measured by on the test part. */
    enum Measure {
        ACCURACY,
        MACRO_F1,
        R2
    }

    /** A table, what its models are measured by, and what trains them well. */
    record Task(String file, Table.Target target, Measure measure, double rate, int epochs) {}

    static final Map<String, Task> TASKS = Map.of(
            "diamonds", new Task("diamonds.csv.gz", Table.Target.LOGARITHM, Measure.R2, 1e-3, 15),
            "shuttle", new Task("shuttle.csv.gz", Table.Target.CLASSES, Measure.MACRO_F1, 3e-3, 30),
            "letters", new Task("letterrecognition.csv.gz", Table.Target.CLASSES, Measure.ACCURACY, 1e-3, 30));

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "directory with the gzipped tables")
    private Path data;

    @Option(
            names = "--tasks",
            split = ",",
            defaultValue = "diamonds,shuttle,letters",
            description = "which tables (default: ${DEFAULT-VALUE})")
    private List<String> tasks;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "11,12,13",
            description = "seeds of parts, first weights, training and run (default: ${DEFAULT-VALUE})")
    private List<Integer> seeds;

    @Option(
            names = "--bases",
            paramLabel = "DIR",
            description = "where trained perceptrons are kept from one run to the next; none by default")
    private Path bases;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the table, too")
    private File out;

    private TabularTasks() {}

    /**
     * Runs the benchmark.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TabularTasks()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        MarkdownTable results = new MarkdownTable(
                "Perceptrons for tables: one call with default settings, measured on rows that the run never saw",
                List.of(
                        "task",
                        "seed",
                        "metric",
                        "before",
                        "after",
                        "difference",
                        "parameters",
                        "reduction",
                        "seconds"));
        for (String name : tasks) {
            Task task = TASKS.get(name);
            if (task == null) {
                throw new IllegalArgumentException("The task (" + name + ") must be one of " + TASKS.keySet() + ".");
            }
            for (int seed : seeds) {
                results.row(row(name, task, seed));
            }
        }
        results.show(out);
        return 0;
    }

    private List<String> row(String name, Task task, int seed) throws IOException {
        Table table = Table.read(data.resolve(task.file), task.target, seed);
        MultiLayerNetwork model = base(name, task, table, seed);
        double before = measure(model, table.test(), task.measure);
        System.out.printf(Locale.ROOT, "%s, seed %d: %.4f before%n", name, seed, before);

        AtomicReference<String> metric = new AtomicReference<>();
        long start = System.nanoTime();
        OptimizationResult result = Protocol.completed(StructureOptimizer.builder()
                .train(batches(table.train()))
                .validation(batches(table.validation()))
                .seed(seed)
                .listener(event -> {
                    if (event instanceof RunEvent.RunStarted started) {
                        metric.set(started.metric().metric().name());
                    }
                })
                .build()
                .optimize(model));
        double seconds = (System.nanoTime() - start) / 1e9;
        for (Generation generation : result.history()) {
            System.out.println(generation);
        }
        double after = measure(result.graph(), table.test(), task.measure);
        List<String> row = List.of(
                name,
                Integer.toString(seed),
                metric.get(),
                String.format(Locale.ROOT, "%.4f", before),
                String.format(Locale.ROOT, "%.4f", after),
                String.format(Locale.ROOT, "%+.4f", after - before),
                String.format(Locale.ROOT, "%,d → %,d", result.initialParameters(), result.parameters()),
                String.format(Locale.ROOT, "%.1f %%", 100 * result.reduction()),
                String.format(Locale.ROOT, "%.0f", seconds));
        System.out.println(row);
        return row;
    }

    private MultiLayerNetwork base(String name, Task task, Table table, int seed) throws IOException {
        File file = bases == null ? null : bases.resolve(name + seed + ".zip").toFile();
        if (file != null && file.exists()) {
            return MultiLayerNetwork.load(file, true);
        }
        MultiLayerNetwork model = perceptron(table.train(), task, seed);
        train(model, table.train(), task, seed);
        if (file != null) {
            Files.createDirectories(bases);
            model.save(file, true);
        }
        return model;
    }

    static MultiLayerNetwork perceptron(DataSet train, Task task, long seed) {
        boolean classes = task.target == Table.Target.CLASSES;
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(task.rate))
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nOut(UNITS[0]).build())
                .layer(new DenseLayer.Builder().nOut(UNITS[1]).build())
                .layer(new OutputLayer.Builder(classes ? LossFunction.MCXENT : LossFunction.MSE)
                        .nOut(train.getLabels().columns())
                        .activation(classes ? Activation.SOFTMAX : Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(train.getFeatures().columns()))
                .build());
        model.init();
        return model;
    }

    /** Trains with a rate that falls to 0; whoever goes on begins with the first one again. */
    static void train(MultiLayerNetwork model, DataSet train, Task task, long seed) {
        // Shuffling is in place.
        DataSet order = train.copy();
        for (int epoch = 0; epoch < task.epochs; epoch++) {
            order.shuffle(seed + epoch);
            model.setLearningRate(task.rate * (1 - (double) epoch / task.epochs));
            model.fit(batches(order));
        }
        model.setLearningRate(task.rate);
    }

    static DataSetIterator batches(DataSet data) {
        return new ExistingDataSetIterator(data.batchBy(BATCH));
    }

    static double measure(Model model, DataSet test, Measure measure) {
        INDArray answers = model instanceof MultiLayerNetwork chain
                ? chain.output(test.getFeatures())
                : ((ComputationGraph) model).outputSingle(test.getFeatures());
        if (measure == Measure.R2) {
            return r2(test.getLabels().toDoubleVector(), answers.toDoubleVector());
        }
        Evaluation evaluation = new Evaluation(test.getLabels().columns());
        evaluation.eval(test.getLabels(), answers);
        return measure == Measure.ACCURACY ? evaluation.accuracy() : macroF1(evaluation);
    }

    /** A class that is never predicted counts 0; Deeplearning4j's own mean leaves it out. */
    static double macroF1(Evaluation evaluation) {
        return evaluation.getConfusionMatrix().getClasses().stream()
                .filter(number -> evaluation.getConfusionMatrix().getActualTotal(number) > 0)
                .mapToDouble(evaluation::f1)
                .average()
                .orElseThrow();
    }

    /** The share of the labels' variance that the predictions explain. */
    static double r2(double[] labels, double[] predictions) {
        double[] errors = labels.clone();
        Arrays.setAll(errors, i -> labels[i] - predictions[i]);
        return 1 - StatUtils.sumSq(errors) / (StatUtils.populationVariance(labels) * labels.length);
    }
}
