package org.growingnn.dl4j.examples.extension;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.examples.Mnist;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Trains a network with a layer of the user's own, and searches over an action of the user's own beside the library's. */
public final class OwnLayerAndAction {

    private static final int BATCH = 64;
    private static final int SEED = 1;

    private OwnLayerAndAction() {}

    /**
     * Runs the example.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        Mnist mnist = Mnist.bundled();
        DataSetIterator train = mnist.train(BATCH, SEED);
        ComputationGraph model = new ComputationGraph(configuration(128));
        model.init();
        model.fit(train, 2);
        System.out.printf("test accuracy %.2f %%%n%n", 100 * accuracy(model, mnist));

        OptimizationResult result = StructureOptimizer.builder()
                .train(train)
                .generations(4)
                .batchesPerEpoch(60)
                .fineTuneEpochs(1)
                .score(Score.accuracy(1.0).relativeParameters(0.5))
                .search(MonteCarloTreeSearch.builder().maxEvaluations(20).build())
                .actions(Actions.neurons().and(graph -> Stream.of(new NarrowAll(0.4))))
                .projection(Projections.importance())
                .stopWhen(Stoppers.reduction(0.8))
                .seed(SEED)
                .listener(RunListener.generations(generation -> System.out.printf(
                        "%d  %s  %,d parameters, training accuracy %.2f %%%s%n",
                        generation.number(),
                        generation.action().map(Object::toString).orElse("-"),
                        generation.parameters(),
                        100 * generation.trainingMetric(),
                        generation.accepted() ? "" : ", taken back")))
                .build()
                .optimize(model);

        System.out.printf("%n%s", result.network().describe());
        System.out.printf("test accuracy %.2f %%%n", 100 * accuracy(result.graph(), mnist));
        System.out.println(result.actions());
    }

    private static double accuracy(ComputationGraph model, Mnist mnist) {
        return model.evaluate(mnist.test(250)).accuracy();
    }

    /**
     * Describes a network of two maxout layers.
     *
     * @param units number of units of each
     * @return the configuration
     */
    static ComputationGraphConfiguration configuration(int units) {
        return new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .updater(new Adam(0.001))
                .graphBuilder()
                .addInputs("input")
                .addLayer("maxout1", new MaxoutLayer(units, 3), "input")
                .addLayer("maxout2", new MaxoutLayer(units, 2), "maxout1")
                .addLayer(
                        "output",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(Mnist.CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "maxout2")
                .setOutputs("output")
                .setInputTypes(InputType.feedForward(Mnist.FEATURES))
                .build();
    }
}
