package org.growingnn.dl4j.training;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.DataShapes;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.value.Ranges;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Knowledge distillation (Hinton, Vinyals and Dean 2015): training labels are mixed with what the original model answers,
 * {@code (1 − weight) · label + weight · softmax(logits / temperature)}. For classifiers whose outputs are class probabilities.
 *
 * @param temperature softens the original's answers, from 1 to 100; 1 takes them as they are
 * @param weight share of the answers, 0 &lt; weight ≤ 1
 */
public record Distillation(double temperature, double weight) {

    /** Keeps logarithms of probabilities that have underflown finite. */
    private static final double LEAST_PROBABILITY = 1e-10;

    /**
     * Checks the ranges.
     *
     * @param temperature softens the original's answers
     * @param weight share of the answers
     */
    public Distillation {
        // Beyond, all classes are as good as equally probable: nothing is left to teach.
        Ranges.require(
                temperature >= 1 && temperature <= 100, "temperature", temperature, "at least 1 and at most 100", "2");
        Ranges.require(weight > 0 && weight <= 1, "weight", weight, "greater than 0 and at most 1", "0.5");
    }

    /**
     * Mixes the teacher's answers into the labels, batch by batch.
     *
     * @param data training data
     * @param teacher the original model
     * @return the same data with other labels
     */
    public TrainingData distil(TrainingData data, ComputationGraph teacher) {
        return data.map(batch -> distil(batch, teacher));
    }

    /**
     * Mixes the teacher's answers into the labels of one batch. Classes lie along the axis that the teacher's output layer is
     * configured for. Steps and positions that a mask excludes, and values of which it excludes some, keep their labels.
     *
     * @param batch labelled examples; not modified
     * @param teacher the original model
     * @return the same examples with other labels
     * @throws IllegalArgumentException if the teacher's outputs are no class probabilities, or the labels are not shaped like them
     */
    public MultiDataSet distil(MultiDataSet batch, ComputationGraph teacher) {
        // Answers would be arranged by the number of examples of the batch that was fitted or scored last.
        teacher.setLabels((INDArray[]) null);
        // The masks of labels would make answers zero.
        INDArray[] answers = teacher.output(false, batch.getFeatures(), batch.getFeaturesMaskArrays(), null);
        INDArray[] labels = new INDArray[answers.length];
        for (int i = 0; i < labels.length; i++) {
            int axis = DataShapes.labels(teacher.getOutputLayer(i).conf().getLayer())
                    .map(DataShapes.Labels::unitAxis)
                    .orElse(1);
            labels[i] = mixed(batch.getLabels(i), answers[i], mask(batch, i, answers[i].rank()), axis);
        }
        return new org.nd4j.linalg.dataset.MultiDataSet(
                batch.getFeatures(), labels, batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    }

    /** Steps of a series that its features do not have are not to be learned either, though output layers with weights count them. */
    private static @Nullable INDArray mask(MultiDataSet batch, int output, int rank) {
        INDArray mask = batch.getLabelsMaskArrays() == null ? null : batch.getLabelsMaskArray(output);
        boolean series = rank == 3 && batch.getFeatures().length == 1;
        return mask == null && series && batch.getFeaturesMaskArrays() != null ? batch.getFeaturesMaskArray(0) : mask;
    }

    private INDArray mixed(INDArray labels, INDArray answers, @Nullable INDArray mask, int axis) {
        if (!Arrays.equals(labels.shape(), answers.shape())) {
            throw new IllegalArgumentException("Labels of shape " + Arrays.toString(labels.shape())
                    + " cannot be mixed with answers of shape " + Arrays.toString(answers.shape())
                    + ".\nMaybe use one-hot labels rather than class numbers, or leave distillation out?");
        }
        INDArray sums = answers.sum(true, axis);
        // Where the mask of the features excludes a step, the answers are all zero.
        INDArray share = sums.neq(0).castTo(answers.dataType());
        boolean distributions = answers.minNumber().doubleValue() >= 0
                && sums.sub(1).muli(share).amaxNumber().doubleValue() < 1e-3;
        if (!distributions) {
            throw new IllegalArgumentException("The model's outputs are no class probabilities, so that its knowledge"
                    + " cannot be distilled.\nMaybe leave distillation out?");
        }
        share = Masks.tiled(share, answers.shape()).muli(weight);
        INDArray present = mask == null ? null : Masks.arranged(mask, answers.shape(), axis);
        if (present != null) {
            share.muli(present.castTo(share.dataType()));
        }
        return soften(answers, axis)
                .muli(share)
                .addi(labels.castTo(share.dataType()).mul(share.rsub(1)));
    }

    /** Probabilities to the power of 1 / temperature are proportional to the softmax of logits / temperature. */
    private INDArray soften(INDArray probabilities, int axis) {
        INDArray powers = Transforms.pow(probabilities.add(LEAST_PROBABILITY), 1 / temperature, true);
        return powers.div(Masks.tiled(powers.sum(true, axis), powers.shape()));
    }
}
