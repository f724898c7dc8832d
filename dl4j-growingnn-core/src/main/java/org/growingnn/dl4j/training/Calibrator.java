package org.growingnn.dl4j.training;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.growingnn.dl4j.adapter.DropoutLimits;
import org.growingnn.dl4j.adapter.FrozenLayers;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.UnitPool;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Passes calibration data through a network: gradients of its parameters, second moments of what its weights are applied to and
 * of its units' activations.
 *
 * <p>Labels are needed for nothing but gradients. Where batches have none, targets are drawn from what the network's own outputs say:
 * a class with the probability that a softmax gives it, 0 or 1 with the probability that a sigmoid gives, and otherwise the output plus
 * standard normal noise. Squares of such gradients are the true Fisher information; the outputs themselves as targets would have no
 * gradient at all. Sums of them over the data are about the square root of that times the number of examples, so that criteria see
 * proportions, but no direction. {@link #momentsOnly()} leaves gradients and the backward pass out.
 *
 * <p>The result depends on the network, the data and the seed alone. Gradients are those of training, with dropout and noise from
 * the seed; afterwards this thread's random generator is as it was before. Where units of frozen layers may be removed, these have
 * gradients like other layers, but no dropout.
 *
 * <p>Memory: a layer with {@code n} input features takes {@code 8 (n + 1)²} bytes of heap, once for all layers that take the same values;
 * while batches are added, sums and the products of a batch take half of that each.
 * Batches whose activations take more than {@linkplain #withMemory a limit} are passed in parts; {@link #withNativeMemory} limits all that
 * is outside of the heap.
 */
public final class Calibrator {

    /** Layers with more input features, and spaces with more units, get no moments unless another number is chosen. */
    public static final int DEFAULT_MAXIMUM_FEATURES = 2048;

    /** How many positions of a map are looked at in each example, unless another number is chosen. */
    public static final int DEFAULT_POSITIONS = 1024;

    /** How many bytes the activations of a part of a batch may take, unless another number is chosen: 512 MiB. */
    public static final long DEFAULT_MEMORY = 512L << 20;

    private static final long DEFAULT_SEED = 1;

    private final Choices choices;
    /** What was told already, also by calibrators that stem from this one: layers that lack moments, and batches that cannot be parted. */
    private final Set<String> told;

    /** What can be chosen. */
    record Choices(
            int batches,
            long examples,
            int maximumFeatures,
            int positions,
            long memory,
            OptionalLong nativeMemory,
            boolean features,
            boolean gradients,
            boolean squares,
            boolean candidates,
            long seed) {

        Choices withCandidates(boolean wanted) {
            return new Choices(
                    batches,
                    examples,
                    maximumFeatures,
                    positions,
                    memory,
                    nativeMemory,
                    features,
                    gradients,
                    squares,
                    wanted,
                    seed);
        }

        /** What ranks candidates: gradients and activations of units. */
        Choices forCandidates() {
            return new Choices(
                    batches,
                    examples,
                    Math.max(maximumFeatures, DEFAULT_MAXIMUM_FEATURES),
                    positions,
                    memory,
                    nativeMemory,
                    false,
                    true,
                    false,
                    false,
                    seed);
        }

        Choices {
            if (batches < 1) {
                throw new IllegalArgumentException(
                        "The number of calibration batches (" + batches + ") must be at least 1.");
            }
            if (examples < 1) {
                throw new IllegalArgumentException(
                        "The number of calibration examples (" + examples + ") must be at least 1.");
            }
            if (maximumFeatures < 0 || maximumFeatures > SecondMoments.LARGEST) {
                throw new IllegalArgumentException("The largest number of features that get moments (" + maximumFeatures
                        + ") must be at least 0 and at most " + SecondMoments.LARGEST
                        + ".\nMaybe 0, for gradients only?");
            }
            if (positions < 1) {
                throw new IllegalArgumentException("The number of positions of each map to calibrate with (" + positions
                        + ") must be at least 1.\nMaybe " + DEFAULT_POSITIONS + "?");
            }
            if (memory < 1) {
                throw new IllegalArgumentException("The memory for activations in calibration (" + memory
                        + " bytes) must be at least 1.\nMaybe " + DEFAULT_MEMORY + "?");
            }
            if (nativeMemory.isPresent() && nativeMemory.getAsLong() < 1) {
                throw new IllegalArgumentException("The native memory of calibration (" + nativeMemory.getAsLong()
                        + " bytes) must be at least 1.\nMaybe " + DEFAULT_MEMORY + "?");
            }
        }
    }

    private Calibrator(Choices choices, Set<String> told) {
        this.choices = choices;
        this.told = told;
    }

    private Calibrator(int batches, long examples, int maximumFeatures) {
        this(
                new Choices(
                        batches,
                        examples,
                        maximumFeatures,
                        DEFAULT_POSITIONS,
                        DEFAULT_MEMORY,
                        OptionalLong.empty(),
                        true,
                        true,
                        false,
                        false,
                        DEFAULT_SEED),
                ConcurrentHashMap.newKeySet());
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
     * @param maximumFeatures as for {@link #withMaximumFeatures}
     */
    public Calibrator(int batches, int maximumFeatures) {
        this(batches, Long.MAX_VALUE, maximumFeatures);
    }

    /**
     * Passes the batches that together hold no more than some number of examples, but at least one batch. They are the first ones:
     * where the data is sorted, draw a sample first.
     *
     * @param examples number of examples, ≥ 1
     * @return the calibrator
     */
    public static Calibrator withExamples(long examples) {
        return new Calibrator(Integer.MAX_VALUE, examples, DEFAULT_MAXIMUM_FEATURES);
    }

    /**
     * Chooses which layers get moments, without which they are not refitted. Layers that could be, but have too many features, are
     * named in a warning, once for each calibrator and those made from it.
     *
     * @param features layers with more input features, and spaces with more units, get no moments. Those of {@code n} features take
     *     {@code 8 (n + 1)²} bytes, which is 34 MB for 2,048 and 0.5 GB for 8,000; refit takes several times that for the
     *     time being, and time that grows with the third power of the features that are left. 0 for gradients only
     * @return the changed calibrator
     */
    public Calibrator withMaximumFeatures(int features) {
        return with(
                features,
                choices.positions,
                choices.memory,
                choices.nativeMemory,
                choices.gradients,
                choices.squares,
                choices.seed);
    }

    /**
     * Chooses at how many positions of each example's maps moments are taken. They are spread evenly over a map and drawn by the
     * seed: neighbours are alike, so that a thousand tell nearly as much as ten thousand.
     *
     * @param positions largest number of positions, ≥ 1; {@value #DEFAULT_POSITIONS} unless chosen
     * @return the changed calibrator
     */
    public Calibrator withPositions(int positions) {
        return with(
                choices.maximumFeatures,
                positions,
                choices.memory,
                choices.nativeMemory,
                choices.gradients,
                choices.squares,
                choices.seed);
    }

    /**
     * Limits the memory for activations. A batch that would need more is passed in parts, though not in parts of less than an
     * example, nor where its arrays do not have a row for each example, which is told in a warning. Moments do not depend on that; gradients do where batch norm, which trains on what it is given together, sees less.
     *
     * @param bytes largest number of bytes, ≥ 1; 512 MiB unless chosen
     * @return the changed calibrator
     */
    public Calibrator withMemory(long bytes) {
        return with(
                choices.maximumFeatures,
                choices.positions,
                bytes,
                choices.nativeMemory,
                choices.gradients,
                choices.squares,
                choices.seed);
    }

    /**
     * Limits how much native memory calibration takes beside the network that it is given, which is nearly all that grows with the
     * examples. Batches are passed in parts, though not in parts of less than an example, and what a pass leaves behind for Java's
     * garbage collector, which sees nothing of its size, is collected before too much of it comes together. An estimate from the
     * widths, heights and lengths of all signals in each batch decides, so that the result does not depend on the state of the machine: every value
     * counts twice, and what convolutions unfold once; of the limit, one half is for a pass, the other for what passes leave
     * behind. Moments of parts are added up in another order than those of whole batches, which changes them by rounding. A batch with
     * arrays that do not have a row for each example cannot be passed in parts, which is told in a warning.
     *
     * <p>The garbage collector is asked by {@link System#gc()}: with {@code -XX:+DisableExplicitGC} it is not, what passes leave behind
     * stays until Java collects by itself, and the limit does not hold.
     *
     * <p>Not in the limit are the Java heap, in which sums of products take {@code 8 (n + 1)²} bytes for each layer or space of {@code n},
     * and which {@code -Xmx} limits; what Deeplearning4j, its native libraries and Java's compiler load when they are first used, about
     * 250 MB; and what the C library keeps of memory that was freed, for which {@code MALLOC_MMAP_THRESHOLD_} in the environment is the
     * place. {@code docs/benchmarks.md} has figures.
     *
     * @param bytes largest number of bytes, ≥ 1; no limit but that of {@link #withMemory} unless chosen
     * @return the changed calibrator
     */
    public Calibrator withNativeMemory(long bytes) {
        return with(
                choices.maximumFeatures,
                choices.positions,
                choices.memory,
                OptionalLong.of(bytes),
                choices.gradients,
                choices.squares,
                choices.seed);
    }

    /**
     * Leaves gradients out, which only criteria such as {@link org.growingnn.dl4j.projection.Criteria#taylor} need: there is no
     * backward pass, and labels are not looked at.
     *
     * @return the changed calibrator
     */
    public Calibrator momentsOnly() {
        return with(
                choices.maximumFeatures,
                choices.positions,
                choices.memory,
                choices.nativeMemory,
                false,
                false,
                choices.seed);
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
        return with(
                choices.maximumFeatures,
                choices.positions,
                choices.memory,
                choices.nativeMemory,
                wanted || choices.gradients,
                wanted,
                choices.seed);
    }

    /**
     * Chooses whether units that spaces could gain are drawn and ranked, which projections need that {@linkplain
     * org.growingnn.dl4j.projection.Projections#growingByGradient grow by gradient}. It takes a second pass of the same data, forward and
     * backward, through a network that is wider by all of these units.
     *
     * @param wanted whether to
     * @return the changed calibrator
     */
    public Calibrator withCandidates(boolean wanted) {
        return new Calibrator(choices.withCandidates(wanted), told);
    }

    /**
     * Chooses the random numbers of dropout, noise, positions and drawn targets.
     *
     * @param newSeed any number
     * @return the changed calibrator
     */
    public Calibrator withSeed(long newSeed) {
        return with(
                choices.maximumFeatures,
                choices.positions,
                choices.memory,
                choices.nativeMemory,
                choices.gradients,
                choices.squares,
                newSeed);
    }

    private Calibrator with(
            int maximumFeatures,
            int positions,
            long memory,
            OptionalLong nativeMemory,
            boolean gradients,
            boolean squares,
            long seed) {
        return new Calibrator(
                new Choices(
                        choices.batches,
                        choices.examples,
                        maximumFeatures,
                        positions,
                        memory,
                        nativeMemory,
                        choices.features,
                        gradients,
                        squares,
                        choices.candidates,
                        seed),
                told);
    }

    Choices choices() {
        return choices;
    }

    /**
     * Collects.
     *
     * @param network the network; not modified
     * @param data data, with labels of all outputs or without any
     * @return the network with what was collected attached
     * @throws IllegalArgumentException if there is no data, if it contains values that are not numbers, if Deeplearning4j cannot
     *     run the network on it, if what is collected overflows, or if there are neither labels nor outputs to draw them from; if
     *     gradients are wanted, and the network has dropout that Deeplearning4j cannot propagate back through
     */
    public NetworkGraph calibrate(NetworkGraph network, Iterable<MultiDataSet> data) {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(data, "data");
        if (choices.gradients || choices.candidates) {
            DropoutLimits.requireTrainable(network);
        }
        NetworkGraph calibrated = network.with(Optional.of(collect(network, data, choices)));
        if (!choices.candidates) {
            return calibrated;
        }
        NetworkGraph drawn = UnitPool.drawn(calibrated, choices.seed);
        NetworkGraph widened = UnitPool.widened(drawn);
        return UnitPool.rated(drawn, widened, collect(widened, data, choices.forCandidates()));
    }

    @SuppressWarnings("try") // The state is only kept.
    private Calibration collect(NetworkGraph network, Iterable<MultiDataSet> data, Choices wanted) {
        try (LiveModel model = LiveModel.untrained(wanted.gradients ? FrozenLayers.thawed(network) : network);
                RandomState kept = RandomState.keep(wanted.seed);
                CalibrationRun run = new CalibrationRun(network, model.model(), wanted, told)) {
            int passed = 0;
            long seen = 0;
            for (MultiDataSet batch : data) {
                seen += examples(batch);
                if (passed > 0 && seen > wanted.examples) {
                    break;
                }
                CalibrationData.require(batch, passed, network, wanted.gradients);
                run.add(batch, passed);
                if (++passed == wanted.batches) {
                    break;
                }
            }
            if (passed == 0) {
                throw new IllegalArgumentException("The calibration data is empty.");
            }
            return run.result();
        }
    }

    private static long examples(MultiDataSet batch) {
        return batch.getFeatures() == null ? 0 : batch.getFeatures(0).size(0);
    }
}
