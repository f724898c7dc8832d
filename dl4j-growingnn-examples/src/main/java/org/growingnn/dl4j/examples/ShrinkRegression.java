package org.growingnn.dl4j.examples;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.datavec.api.records.reader.impl.transform.TransformProcessRecordReader;
import org.datavec.api.transform.TransformProcess;
import org.datavec.api.transform.condition.ConditionOp;
import org.datavec.api.transform.condition.column.DoubleColumnCondition;
import org.datavec.api.transform.schema.Schema;
import org.deeplearning4j.datasets.datavec.RecordReaderDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.ViewIterator;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a network that tells the price of a diamond, and makes it small by its R², which nobody has to ask for. */
@Command(
        name = "shrink-regression",
        mixinStandardHelpOptions = true,
        description = "Trains and shrinks a network that tells the prices of diamonds.")
public final class ShrinkRegression implements Callable<Integer> {

    private static final int BATCH = 256;

    @Option(names = "--seed", defaultValue = "42", description = "random seed (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--reduction",
            defaultValue = "0.90",
            description = "share of parameters to remove (default: ${DEFAULT-VALUE})")
    private double reduction;

    private final NormalizerStandardize normalizer = new NormalizerStandardize();

    private ShrinkRegression() {}

    /**
     * Runs the example.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ShrinkRegression()).execute(arguments));
    }

    @Override
    public Integer call() {
        long started = System.nanoTime();
        Table diamonds = diamonds();
        normalizer.fitLabel(true);
        normalizer.fit(diamonds.train());
        normalizer.transform(diamonds.train());
        normalizer.transform(diamonds.validation());

        MultiLayerNetwork network = network(diamonds.train().numInputs(), seed);
        network.fit(new ViewIterator(diamonds.train(), BATCH), 10);

        OptimizationResult result = StructureOptimizer.builder()
                .train(new ViewIterator(diamonds.train(), BATCH))
                .validation(new ViewIterator(diamonds.validation(), BATCH))
                .generations(12)
                .epochsPerGeneration(2)
                .fineTuneEpochs(10)
                .score(Score.metric(1).compression(0.5))
                .stopWhen(Stoppers.reduction(reduction))
                .seed(seed)
                .listener(new ProgressLines(System.out))
                .build()
                .optimize(network);

        System.out.printf(
                "%nOn %,d diamonds that neither training nor search has seen:%n",
                diamonds.test().numExamples());
        tell("before", network, diamonds.test());
        tell("after", result.multiLayerNetwork(), diamonds.test());
        System.out.printf(Locale.ROOT, "%.0f seconds in all%n", (System.nanoTime() - started) / 1e9);
        return 0;
    }

    /** Makes a feature of each grade of cut, colour and clarity. */
    static Table diamonds() {
        Schema schema = new Schema.Builder()
                .addColumnDouble("carat")
                .addColumnsInteger("cut", "color", "clarity")
                .addColumnsDouble("depth", "table", "x", "y", "z", "price")
                .build();
        TransformProcess steps = new TransformProcess.Builder(schema)
                // 23 diamonds have no extent, or one of some inches.
                .filter(new DoubleColumnCondition("x", ConditionOp.LessOrEqual, 0))
                .filter(new DoubleColumnCondition("y", ConditionOp.GreaterThan, 20))
                .filter(new DoubleColumnCondition("z", ConditionOp.LessOrEqual, 0))
                .filter(new DoubleColumnCondition("z", ConditionOp.GreaterThan, 20))
                .integerToOneHot("cut", 1, 5)
                .integerToOneHot("color", 1, 7)
                .integerToOneHot("clarity", 1, 8)
                .build();
        int price = steps.getFinalSchema().getIndexOfColumn("price");
        return Table.read(
                "diamonds.csv.gz",
                rows -> new RecordReaderDataSetIterator(
                        new TransformProcessRecordReader(rows, steps), Table.ALL_ROWS, price, price, true));
    }

    /** Builds an untrained network for the price. */
    static MultiLayerNetwork network(int features, long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(1e-3))
                .weightInit(WeightInit.RELU)
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().name("dense1").nOut(128).build())
                .layer(new DenseLayer.Builder().name("dense2").nOut(128).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .name("price")
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(features))
                .build());
        network.init();
        return network;
    }

    private void tell(String when, MultiLayerNetwork network, DataSet test) {
        INDArray features = test.getFeatures().dup();
        normalizer.transform(features);
        INDArray predicted = network.output(features);
        normalizer.revertLabels(predicted);
        RegressionEvaluation dollars = new RegressionEvaluation();
        dollars.eval(test.getLabels(), predicted);
        System.out.printf(
                Locale.ROOT,
                "%-6s %,7d parameters, R² of prices %.4f, mean absolute error %,.0f dollars%n",
                when,
                network.numParams(),
                dollars.averageRSquared(),
                dollars.averageMeanAbsoluteError());
    }
}
