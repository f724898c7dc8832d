package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * How far a network's answers are from those of the network that it was made from, on the same examples, whose labels are not looked at.
 *
 * <p>Outputs of a softmax are compared by the cross-entropy {@code −Σ p ln q} of the answers q with the original's p, those of a sigmoid by
 * that of each probability, and all others by the squared distance, as a share of the variance of the original's answers. Several
 * outputs are added up. Without a constant, that of the original with itself, a cross-entropy is the Kullback–Leibler divergence.
 */
public final class AnswerDivergence {

    /** Probabilities that have underflown, or that are 1 but for rounding, cost no more than this. */
    private static final double LEAST_PROBABILITY = 1e-7;

    private enum Form {
        DISTRIBUTION,
        PROBABILITIES,
        NUMBERS
    }

    private final List<MultiDataSet> batches;
    private final List<INDArray[]> answers = new ArrayList<>();
    private final List<Form> forms = new ArrayList<>();
    private final double[] variances;
    private long examples;

    private AnswerDivergence(NetworkGraph original, List<MultiDataSet> batches) {
        this.batches = batches;
        try (LiveModel live = LiveModel.untrained(original)) {
            ComputationGraph model = live.model();
            for (int i = 0; i < model.getNumOutputArrays(); i++) {
                forms.add(form(model, i));
            }
            for (MultiDataSet batch : batches) {
                answers.add(LiveModel.output(model, batch));
                examples += batch.getFeatures(0).size(0);
            }
        }
        variances = new double[forms.size()];
        for (int i = 0; i < variances.length; i++) {
            variances[i] = forms.get(i) == Form.NUMBERS ? variance(i) : 1;
        }
    }

    /**
     * Keeps examples and the original's answers to them in memory. They are those that come behind a number of batches, or else, if there
     * are none, the first ones.
     *
     * @param original the network that others are compared with
     * @param data examples
     * @param skipped number of batches to leave out, which others may have been made by, ≥ 0
     * @param most number of examples behind which no further batch is taken, ≥ 1
     * @param bytes number of bytes of features behind which no further batch is taken, ≥ 1
     * @return the measure
     * @throws IllegalArgumentException if there are no examples
     */
    public static AnswerDivergence from(NetworkGraph original, TrainingData data, long skipped, long most, long bytes) {
        Objects.requireNonNull(original, "original");
        List<MultiDataSet> batches = taken(data.pass(0, skipped), most, bytes);
        if (batches.isEmpty()) {
            batches = taken(data.pass(0, 0), most, bytes);
        }
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("The " + data.name() + " hold no examples to compare answers on.");
        }
        return new AnswerDivergence(original, batches);
    }

    private static List<MultiDataSet> taken(Iterator<MultiDataSet> data, long most, long bytes) {
        List<MultiDataSet> taken = new ArrayList<>();
        long examples = 0;
        long size = 0;
        while (data.hasNext() && examples < most && size < bytes) {
            MultiDataSet batch = data.next();
            taken.add(batch);
            examples += batch.getFeatures(0).size(0);
            for (INDArray features : batch.getFeatures()) {
                size += features.length() * features.dataType().width();
            }
        }
        return taken;
    }

    private static Form form(ComputationGraph model, int output) {
        if (model.getOutputLayer(output) instanceof IOutputLayer layer
                && layer.conf().getLayer() instanceof BaseLayer configuration) {
            if (configuration.getActivationFn() instanceof ActivationSoftmax) {
                return Form.DISTRIBUTION;
            }
            if (configuration.getActivationFn() instanceof ActivationSigmoid) {
                return Form.PROBABILITIES;
            }
        }
        return Form.NUMBERS;
    }

    /** The variance of all of an output's answers; 1 where they are all the same. */
    private double variance(int output) {
        double sum = 0;
        double squares = 0;
        double count = 0;
        for (INDArray[] all : answers) {
            sum += all[output].sumNumber().doubleValue();
            squares += all[output].mul(all[output]).sumNumber().doubleValue();
            count += all[output].length();
        }
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return variance > 0 ? variance : 1;
    }

    /**
     * Measures.
     *
     * @param network a network with the original's inputs and outputs
     * @return the mean over the examples, lower is better; infinite if an answer is no number
     */
    public double of(NetworkGraph network) {
        double sum = 0;
        try (LiveModel live = LiveModel.untrained(network)) {
            for (int b = 0; b < batches.size(); b++) {
                INDArray[] given = LiveModel.output(live.model(), batches.get(b));
                for (int i = 0; i < given.length; i++) {
                    sum += distance(i, answers.get(b)[i], given[i]);
                }
            }
        }
        return Double.isFinite(sum) ? sum / examples : Double.POSITIVE_INFINITY;
    }

    private double distance(int output, INDArray original, INDArray given) {
        return switch (forms.get(output)) {
            case DISTRIBUTION -> entropy(original, given);
            case PROBABILITIES -> entropy(original, given) + entropy(original.rsub(1), given.rsub(1));
            case NUMBERS -> {
                INDArray difference = original.sub(given);
                yield difference.muli(difference).sumNumber().doubleValue() / variances[output];
            }
        };
    }

    private static double entropy(INDArray original, INDArray given) {
        // A maximum with a number would make what is no number one.
        if (!Double.isFinite(given.sumNumber().doubleValue())) {
            return Double.NaN;
        }
        INDArray logarithms = Transforms.log(Transforms.max(given, LEAST_PROBABILITY), false);
        return -logarithms.muli(original).sumNumber().doubleValue();
    }
}
