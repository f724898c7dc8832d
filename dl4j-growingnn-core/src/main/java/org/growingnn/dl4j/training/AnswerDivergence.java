package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.DataShapes;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.LabelMasks;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
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

    /** Examples with the original's answers in the place of labels. */
    private final List<MultiDataSet> batches = new ArrayList<>();

    private final List<Form> forms = new ArrayList<>();

    /** Where the units of each output are. */
    private final List<Integer> axes = new ArrayList<>();

    private final double[] variances;
    private long examples;
    private long bytes;

    private AnswerDivergence(NetworkGraph original, TrainingData data, long skipped, long most, long mostBytes) {
        try (LiveModel live = LiveModel.untrained(original)) {
            ComputationGraph model = live.model();
            for (int i = 0; i < model.getNumOutputArrays(); i++) {
                forms.add(form(model, i));
                axes.add(axis(model, i));
            }
            Iterator<MultiDataSet> reader = data.pass(0, 0);
            long before = 0;
            for (long i = 0; i < skipped && reader.hasNext(); i++) {
                before += reader.next().getFeatures(0).size(0);
            }
            take(model, reader, most, mostBytes);
            if (2 * examples < Math.min(before, most)) {
                batches.clear();
                examples = 0;
                bytes = 0;
                take(model, data.pass(0, 0), most, mostBytes);
            }
        }
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("The " + data.name() + " hold no examples to compare answers on.");
        }
        variances = new double[forms.size()];
        for (int i = 0; i < variances.length; i++) {
            variances[i] = forms.get(i) == Form.NUMBERS ? variance(i) : 1;
        }
    }

    /**
     * Keeps examples and the original's answers to them in memory. They are those that come behind a number of batches, or, if these are
     * less than half as many as the ones before, the first ones.
     *
     * @param original the network that others are compared with
     * @param data examples
     * @param skipped number of batches to leave out, which others may have been made by, ≥ 0
     * @param most number of examples behind which no further batch is taken, ≥ 1
     * @param bytes number of bytes of features and answers behind which no further batch is taken, ≥ 1
     * @return the measure
     * @throws IllegalArgumentException if there are no examples
     */
    public static AnswerDivergence from(NetworkGraph original, TrainingData data, long skipped, long most, long bytes) {
        Objects.requireNonNull(original, "original");
        return new AnswerDivergence(original, Objects.requireNonNull(data, "data"), skipped, most, bytes);
    }

    private void take(ComputationGraph model, Iterator<MultiDataSet> data, long most, long mostBytes) {
        while (data.hasNext() && examples < most && bytes < mostBytes) {
            MultiDataSet batch = data.next();
            MultiDataSet kept = new org.nd4j.linalg.dataset.MultiDataSet(
                    copies(batch.getFeatures()),
                    LiveModel.output(model, batch),
                    copies(batch.getFeaturesMaskArrays()),
                    copies(batch.getLabelsMaskArrays()));
            batches.add(kept);
            examples += kept.getFeatures(0).size(0);
            bytes += bytes(kept.getFeatures()) + bytes(kept.getLabels());
        }
    }

    /** Iterators may use the arrays of a batch again for a later one, or free them with their workspace. */
    @SuppressWarnings("try") // The scope is only entered.
    private static INDArray @Nullable [] copies(INDArray @Nullable [] arrays) {
        if (arrays == null) {
            return null;
        }
        INDArray[] copies = new INDArray[arrays.length];
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            for (int i = 0; i < arrays.length; i++) {
                copies[i] = arrays[i] == null ? null : arrays[i].dup();
            }
        }
        return copies;
    }

    private static long bytes(INDArray[] arrays) {
        return Arrays.stream(arrays)
                .mapToLong(array -> array.length() * array.dataType().width())
                .sum();
    }

    private static int axis(ComputationGraph model, int output) {
        return Optional.ofNullable(model.getOutputLayer(output))
                .flatMap(layer -> DataShapes.labels(layer.conf().getLayer()))
                .map(DataShapes.Labels::unitAxis)
                .orElse(1);
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

    /** The variance of all of an output's answers that count; 1 where they are all the same. */
    private double variance(int output) {
        double sum = 0;
        double count = 0;
        for (MultiDataSet batch : batches) {
            INDArray answers = batch.getLabels(output);
            INDArray mask = mask(batch, output);
            sum += (mask == null ? answers : answers.mul(mask)).sumNumber().doubleValue();
            count += mask == null ? answers.length() : mask.sumNumber().doubleValue();
        }
        double mean = sum / count;
        double squares = 0;
        for (MultiDataSet batch : batches) {
            squares += squares(batch.getLabels(output).sub(mean), mask(batch, output));
        }
        return squares > 0 ? squares / count : 1;
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
            for (MultiDataSet batch : batches) {
                INDArray[] given = LiveModel.output(live.model(), batch);
                for (int i = 0; i < given.length; i++) {
                    sum += distance(i, batch.getLabels(i), given[i], mask(batch, i));
                }
            }
        }
        return Double.isFinite(sum) ? sum / examples : Double.POSITIVE_INFINITY;
    }

    private double distance(int output, INDArray original, INDArray given, @Nullable INDArray mask) {
        return switch (forms.get(output)) {
            case DISTRIBUTION -> entropy(original, given, mask);
            case PROBABILITIES -> entropy(original, given, mask) + entropy(original.rsub(1), given.rsub(1), mask);
            case NUMBERS -> squares(original.sub(given), mask) / variances[output];
        };
    }

    private static double squares(INDArray differences, @Nullable INDArray mask) {
        INDArray squares = differences.mul(differences);
        return (mask == null ? squares : squares.muli(mask)).sumNumber().doubleValue();
    }

    private static double entropy(INDArray original, INDArray given, @Nullable INDArray mask) {
        // A maximum with a number would make what is no number one.
        if (!Double.isFinite(given.sumNumber().doubleValue())) {
            return Double.NaN;
        }
        INDArray terms =
                Transforms.log(Transforms.max(given, LEAST_PROBABILITY), false).muli(original);
        return -(mask == null ? terms : terms.muli(mask)).sumNumber().doubleValue();
    }

    /** The mask of an output's answers, arranged like these; null where all of them count. */
    private @Nullable INDArray mask(MultiDataSet batch, int output) {
        INDArray mask = LabelMasks.of(batch, output);
        INDArray answers = batch.getLabels(output);
        INDArray arranged = mask == null ? null : Masks.arranged(mask, answers.shape(), axes.get(output));
        return arranged == null ? null : arranged.castTo(answers.dataType());
    }
}
