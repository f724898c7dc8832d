package org.growingnn.dl4j.testing;

import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** What tests do with both kinds of Deeplearning4j models. */
public final class Models {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Models() {}

    /**
     * Runs a model forward.
     *
     * @param model the model
     * @param features one array per input
     * @return one array per output, detached from any workspace
     */
    public static INDArray[] outputs(Model model, INDArray... features) {
        return model instanceof ComputationGraph graph
                ? graph.output(false, copy(features))
                : new INDArray[] {((MultiLayerNetwork) model).output(features[0].dup(), false)};
    }

    private static INDArray[] copy(INDArray[] arrays) {
        return Arrays.stream(arrays).map(INDArray::dup).toArray(INDArray[]::new);
    }

    /**
     * Fits one batch with a given state of the random generator, so that dropout is repeatable.
     *
     * @param model the model
     * @param batch the batch; not modified
     * @param seed for the random generator; not 0, which ND4J takes for "any"
     */
    public static void fit(Model model, MultiDataSet batch, long seed) {
        Nd4j.getRandom().setSeed(seed);
        if (model instanceof ComputationGraph graph) {
            graph.fit(copy(batch.getFeatures()), copy(batch.getLabels()));
        } else {
            ((MultiLayerNetwork) model)
                    .fit(batch.getFeatures(0).dup(), batch.getLabels(0).dup());
        }
    }

    /**
     * Gives the configuration.
     *
     * @param model the model
     * @return its JSON
     */
    public static String json(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getConfiguration().toJson()
                : ((MultiLayerNetwork) model).getLayerWiseConfigurations().toJson();
    }

    /**
     * Copies everything that a model consists of.
     *
     * @param model the model
     * @return a value to compare with
     */
    public static State state(Model model) {
        boolean graph = model instanceof ComputationGraph;
        Updater updater =
                graph ? ((ComputationGraph) model).getUpdater(false) : ((MultiLayerNetwork) model).getUpdater(false);
        INDArray view = updater == null ? null : ((BaseMultiLayerUpdater<?>) updater).getStateViewArray();
        try {
            return new State(
                    MAPPER.readTree(json(model)),
                    graph
                            ? ((ComputationGraph) model).getConfiguration().getIterationCount()
                            : ((MultiLayerNetwork) model)
                                    .getLayerWiseConfigurations()
                                    .getIterationCount(),
                    graph
                            ? ((ComputationGraph) model).getConfiguration().getEpochCount()
                            : ((MultiLayerNetwork) model)
                                    .getLayerWiseConfigurations()
                                    .getEpochCount(),
                    values(model.params()),
                    view == null ? new double[0] : values(view));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Deeplearning4j writes valid JSON.", e);
        }
    }

    /**
     * Copies an array.
     *
     * @param array an array of any shape
     * @return its values in row-major order
     */
    public static double[] values(INDArray array) {
        return array.dup('c').data().asDouble();
    }

    /**
     * Runs a model forward to an inner layer.
     *
     * @param model the model
     * @param layer the layer
     * @param features the only input
     * @return what leaves the layer
     */
    public static INDArray values(ComputationGraph model, String layer, INDArray features) {
        return model.feedForward(new INDArray[] {features.dup()}, false)
                .get(layer)
                .dup();
    }

    /**
     * Everything that a model consists of.
     *
     * @param configuration its JSON tree
     * @param iterations parameter updates so far
     * @param epochs epochs so far
     * @param parameters the flattened parameters
     * @param updaterState the flattened state of the updater; empty if there is none
     */
    public record State(
            JsonNode configuration, int iterations, int epochs, double[] parameters, double[] updaterState) {

        @Override
        public boolean equals(Object other) {
            return other instanceof State that
                    && configuration.equals(that.configuration)
                    && iterations == that.iterations
                    && epochs == that.epochs
                    && Arrays.equals(parameters, that.parameters)
                    && Arrays.equals(updaterState, that.updaterState);
        }

        @Override
        public int hashCode() {
            return Objects.hash(configuration, iterations, epochs, Arrays.hashCode(parameters));
        }

        @Override
        public String toString() {
            return "iterations " + iterations + ", epochs " + epochs + ", parameters " + Arrays.toString(parameters)
                    + ", updater state " + Arrays.toString(updaterState) + ", configuration " + configuration;
        }
    }
}
