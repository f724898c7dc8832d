package org.growingnn.dl4j.training;

import java.util.Objects;
import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Passes calibration data through a network: gradients of its parameters, second moments of what its weights are applied to and
 * of its units' activations.
 *
 * <p>The result depends on the network, the data and the seed alone. Gradients are those of training, with dropout and noise from
 * the seed; afterwards this thread's random generator is as it was before.
 */
public final class Calibrator {

    /** Beyond this, the moments of a layer's inputs take more memory and time than they are worth. */
    private static final int DEFAULT_MAXIMUM_FEATURES = 2048;

    private static final long DEFAULT_SEED = 1;

    private final int batches;
    private final long examples;
    private final int maximumFeatures;
    private final long seed;
    private final boolean squares;

    private Calibrator(int batches, long examples, int maximumFeatures, long seed, boolean squares) {
        if (batches < 1) {
            throw new IllegalArgumentException(
                    "The number of calibration batches (" + batches + ") must be at least 1.");
        }
        if (examples < 1) {
            throw new IllegalArgumentException(
                    "The number of calibration examples (" + examples + ") must be at least 1.");
        }
        if (maximumFeatures < 0) {
            throw new IllegalArgumentException("The largest number of features that get moments (" + maximumFeatures
                    + ") must not be negative.\nMaybe 0, for gradients only?");
        }
        this.batches = batches;
        this.examples = examples;
        this.maximumFeatures = maximumFeatures;
        this.seed = seed;
        this.squares = squares;
    }

    /** Passes all batches; layers with more than 2,048 input features and spaces with more units get no moments. */
    public Calibrator() {
        this(Integer.MAX_VALUE);
    }

    /**
     * Chooses how many batches to pass; layers with more than 2,048 input features and spaces with more units get no moments.
     *
     * @param batches number of batches to pass, ≥ 1
     */
    public Calibrator(int batches) {
        this(batches, DEFAULT_MAXIMUM_FEATURES);
    }

    /**
     * Chooses how much to collect.
     *
     * @param batches number of batches to pass, ≥ 1
     * @param maximumFeatures layers with more input features, and spaces with more units, get no moments, which take 8 bytes
     *     times the square of this; 0 for gradients only
     */
    public Calibrator(int batches, int maximumFeatures) {
        this(batches, Long.MAX_VALUE, maximumFeatures, DEFAULT_SEED, false);
    }

    /**
     * Passes the batches that together hold no more than some number of examples, but at least one batch. They are the first ones:
     * where the data is sorted, draw a sample first.
     *
     * @param examples number of examples, ≥ 1
     * @return the calibrator
     */
    public static Calibrator withExamples(long examples) {
        return new Calibrator(Integer.MAX_VALUE, examples, DEFAULT_MAXIMUM_FEATURES, DEFAULT_SEED, false);
    }

    /**
     * Chooses the random numbers of dropout and noise.
     *
     * @param newSeed any number
     * @return the changed calibrator
     */
    public Calibrator withSeed(long newSeed) {
        return new Calibrator(batches, examples, maximumFeatures, newSeed, squares);
    }

    /**
     * Chooses whether squares of gradients are collected, too, which some criteria need, such as {@link
     * org.growingnn.dl4j.projection.Criteria#fisher()}. They are those of each batch's gradient; for those of single examples, give
     * batches of one example.
     *
     * @param wanted whether to
     * @return the changed calibrator
     */
    public Calibrator withSquaredGradients(boolean wanted) {
        return new Calibrator(batches, examples, maximumFeatures, seed, wanted);
    }

    /**
     * Collects.
     *
     * @param network the network; not modified
     * @param data labelled data
     * @return the network with what was collected attached
     * @throws IllegalArgumentException if there is no data, if it contains values that are not numbers, if Deeplearning4j cannot
     *     run the network on it, or if what is collected overflows
     */
    @SuppressWarnings("try") // The state is only kept.
    public NetworkGraph calibrate(NetworkGraph network, Iterable<MultiDataSet> data) {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(data, "data");
        try (LiveModel model = LiveModel.of(network);
                RandomState kept = RandomState.keep(seed);
                CalibrationRun run = new CalibrationRun(network, model.model(), maximumFeatures, squares)) {
            int passed = 0;
            long seen = 0;
            for (MultiDataSet batch : data) {
                seen += examples(batch);
                if (passed > 0 && seen > examples) {
                    break;
                }
                CalibrationData.require(batch, passed, network);
                run.add(batch, passed);
                if (++passed == batches) {
                    break;
                }
            }
            if (passed == 0) {
                throw new IllegalArgumentException("The calibration data is empty.");
            }
            return network.with(Optional.of(run.result()));
        }
    }

    private static long examples(MultiDataSet batch) {
        return batch.getFeatures() == null ? 0 : batch.getFeatures(0).size(0);
    }
}
