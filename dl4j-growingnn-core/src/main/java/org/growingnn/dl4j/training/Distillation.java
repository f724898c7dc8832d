package org.growingnn.dl4j.training;

import java.util.Iterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.value.Ranges;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
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
        return () -> {
            Iterator<MultiDataSet> batches = data.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return batches.hasNext();
                }

                @Override
                public MultiDataSet next() {
                    return distil(batches.next(), teacher);
                }
            };
        };
    }

    /**
     * Mixes the teacher's answers into the labels of one batch.
     *
     * @param batch labelled examples; not modified
     * @param teacher the original model
     * @return the same examples with other labels
     * @throws IllegalArgumentException if the teacher's outputs are no class probabilities
     */
    public MultiDataSet distil(MultiDataSet batch, ComputationGraph teacher) {
        INDArray[] answers =
                teacher.output(false, batch.getFeatures(), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
        INDArray[] labels = new INDArray[answers.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = soften(answers[i]).muli(weight).addi(batch.getLabels(i).mul(1 - weight));
        }
        return new org.nd4j.linalg.dataset.MultiDataSet(
                batch.getFeatures(), labels, batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    }

    /** Probabilities to the power of 1 / temperature are proportional to the softmax of logits / temperature. */
    private INDArray soften(INDArray probabilities) {
        INDArray sums = probabilities.sum(true, 1);
        boolean distributions = probabilities.minNumber().doubleValue() >= 0
                && sums.sub(1).amaxNumber().doubleValue() < 1e-3;
        if (!distributions) {
            throw new IllegalArgumentException("The model's outputs are no class probabilities, so that its knowledge"
                    + " cannot be distilled.\nMaybe leave distillation out?");
        }
        INDArray powers = Transforms.pow(probabilities.add(LEAST_PROBABILITY), 1 / temperature, true);
        return powers.div(Nd4j.tile(powers.sum(true, 1), repetitions(powers)));
    }

    private static int[] repetitions(INDArray array) {
        int[] repetitions = new int[array.rank()];
        java.util.Arrays.fill(repetitions, 1);
        repetitions[1] = (int) array.size(1);
        return repetitions;
    }
}
