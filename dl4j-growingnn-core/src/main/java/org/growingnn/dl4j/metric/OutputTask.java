package org.growingnn.dl4j.metric;

import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.growingnn.dl4j.adapter.DataShapes;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossHinge;
import org.nd4j.linalg.lossfunctions.impl.LossKLD;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMAPE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMSLE;
import org.nd4j.linalg.lossfunctions.impl.LossMultiLabel;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSquaredHinge;

/**
 * What an output is trained for, as its layer's configuration tells.
 *
 * @param output the output's name
 * @param loss what its loss compares
 * @param classNumbers whether labels are class numbers rather than one value per unit
 * @param unitsLast whether the units stand last rather than directly behind the examples
 * @param threshold outputs and labels above it mean yes, where they answer a question
 */
public record OutputTask(String output, Loss loss, boolean classNumbers, boolean unitsLast, double threshold) {

    /** What a loss compares. */
    public enum Loss {
        /** Probabilities of classes that exclude each other. */
        CLASSES,
        /** Probabilities of yes, value by value. */
        YES_OR_NO,
        /** Margins from labels −1 and 1. */
        MARGINS,
        /** Numbers. */
        NUMBERS,
        /** Something that only the loss itself knows. */
        OTHER
    }

    private static final Map<Class<?>, Loss> LOSSES = Map.ofEntries(
            Map.entry(LossMCXENT.class, Loss.CLASSES),
            Map.entry(LossNegativeLogLikelihood.class, Loss.CLASSES),
            Map.entry(LossSparseMCXENT.class, Loss.CLASSES),
            Map.entry(LossKLD.class, Loss.CLASSES),
            Map.entry(LossBinaryXENT.class, Loss.YES_OR_NO),
            Map.entry(LossFMeasure.class, Loss.YES_OR_NO),
            Map.entry(LossMultiLabel.class, Loss.YES_OR_NO),
            Map.entry(LossHinge.class, Loss.MARGINS),
            Map.entry(LossSquaredHinge.class, Loss.MARGINS),
            Map.entry(LossMSE.class, Loss.NUMBERS),
            Map.entry(LossL1.class, Loss.NUMBERS),
            Map.entry(LossL2.class, Loss.NUMBERS),
            Map.entry(LossMAE.class, Loss.NUMBERS),
            Map.entry(LossMAPE.class, Loss.NUMBERS),
            Map.entry(LossMSLE.class, Loss.NUMBERS),
            Map.entry(LossPoisson.class, Loss.NUMBERS));

    /**
     * Tells what an output of a network is trained for.
     *
     * @param network the network
     * @param output the output's name
     * @return the task
     */
    public static OutputTask of(NetworkGraph network, String output) {
        Optional<Layer> layer = DataShapes.outputLayer(network, output);
        Optional<ILossFunction> function = layer.flatMap(OutputTask::function);
        Loss loss = function.map(some -> LOSSES.getOrDefault(some.getClass(), Loss.OTHER))
                .orElse(Loss.OTHER);
        boolean signed = loss == Loss.MARGINS
                || layer.filter(some ->
                                some instanceof BaseLayer base && base.getActivationFn() instanceof ActivationTanH)
                        .isPresent();
        return new OutputTask(
                output,
                loss,
                function.filter(LossSparseMCXENT.class::isInstance).isPresent(),
                network.signal(output).format() == Signal.Format.CHANNELS_LAST,
                signed ? 0 : 0.5);
    }

    private static Optional<ILossFunction> function(Layer layer) {
        if (layer instanceof OCNNOutputLayer) {
            return Optional.empty();
        } else if (layer instanceof BaseOutputLayer output) {
            return Optional.of(output.getLossFn());
        } else if (layer instanceof LossLayer output) {
            return Optional.of(output.getLossFn());
        } else if (layer instanceof RnnLossLayer output) {
            return Optional.of(output.getLossFn());
        } else if (layer instanceof CnnLossLayer output) {
            return Optional.of(output.getLossFn());
        } else if (layer instanceof Cnn3DLossLayer output) {
            return Optional.of(output.getLossFn());
        }
        return Optional.empty();
    }
}
