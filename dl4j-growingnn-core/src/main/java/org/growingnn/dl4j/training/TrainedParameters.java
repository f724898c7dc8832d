package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.FrozenVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/** Tells which parameters of a model its training changes. */
final class TrainedParameters {

    private TrainedParameters() {}

    /**
     * A run of the flattened parameters.
     *
     * @param from its first position
     * @param to its last position + 1
     */
    record Run(long from, long to) {}

    /**
     * Lists the arrays that training changes: none of frozen layers, none with a learning rate of 0, none for pretraining only.
     *
     * @param iteration number of the iteration, on which learning rates may depend
     * @param epoch number of the epoch
     */
    static List<Run> runs(Model model, int iteration, int epoch) {
        long start = model.params().offset();
        List<Run> runs = new ArrayList<>();
        for (Trainable part : parts(model)) {
            Map<String, INDArray> table = part.paramTable(false);
            if (table != null && !isFrozen(part)) {
                table.forEach((key, view) -> {
                    if (isTrained(part.getConfig(), key, iteration, epoch)) {
                        runs.add(new Run(view.offset() - start, view.offset() - start + view.length()));
                    }
                });
            }
        }
        return runs;
    }

    private static List<Trainable> parts(Model model) {
        return model instanceof ComputationGraph graph
                ? List.<Trainable>of(graph.getVertices())
                : Arrays.<Trainable>asList(((MultiLayerNetwork) model).getLayers());
    }

    private static boolean isFrozen(Trainable part) {
        if (part instanceof FrozenVertex) {
            return true;
        }
        Layer layer = part instanceof Layer own ? own : part instanceof LayerVertex vertex ? vertex.getLayer() : null;
        while (layer instanceof BaseWrapperLayer wrapper) {
            if (wrapper instanceof FrozenLayer || wrapper instanceof FrozenLayerWithBackprop) {
                return true;
            }
            layer = wrapper.getUnderlying();
        }
        return false;
    }

    private static boolean isTrained(TrainingConfig configuration, String key, int iteration, int epoch) {
        if (configuration == null) {
            return true;
        }
        IUpdater updater = configuration.getUpdaterByParam(key);
        boolean still = updater != null && updater.hasLearningRate() && updater.getLearningRate(iteration, epoch) == 0;
        return !still && !configuration.isPretrainParam(key);
    }
}
