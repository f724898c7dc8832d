package org.growingnn.dl4j.training;

import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.training.Calibrator.Choices;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides in which parts batches are passed in calibration, so that they take no more memory than they may. */
final class BatchParts {

    private static final Logger LOG = LoggerFactory.getLogger(Calibrator.class);

    /** What is noted among what was told, which otherwise is about layers with numbers. */
    private static final String INDIVISIBLE = "batches";

    private final NetworkGraph network;
    private final Choices choices;
    private final DataType type;
    private final Set<String> told;
    private final Optional<NativeLimit> limit;

    /**
     * Reads the limits.
     *
     * @param type the type of the model's values
     * @param told what need not be told again
     */
    BatchParts(NetworkGraph network, Choices choices, DataType type, Set<String> told) {
        this.network = network;
        this.choices = choices;
        this.type = type;
        this.told = told;
        this.limit = choices.nativeMemory().isPresent()
                ? Optional.of(new NativeLimit(network, choices, type))
                : Optional.empty();
    }

    /**
     * Tells how many examples of a batch are passed at once.
     *
     * @param number the batch's number, for messages
     * @return at least 1; all of them also if the batch cannot be parted, which is told
     */
    int examplesAtOnce(MultiDataSet batch, int number) {
        long perExample = CalibrationData.activations(network, batch.getFeatures(), type);
        int wanted = CalibrationData.examplesAtOnce(batch, perExample, choices.memory());
        if (limit.isPresent()) {
            wanted = Math.min(wanted, limit.get().examplesAtOnce(batch));
        }
        int examples = Math.toIntExact(batch.getFeatures(0).size(0));
        if (wanted == examples || CalibrationData.isDivisible(batch)) {
            return wanted;
        }
        if (told.add(INDIVISIBLE)) {
            LOG.warn(
                    "Batch {} of the calibration data is passed with all of its {} examples at once, which may take more memory"
                            + " than calibration is limited to: it cannot be parted, because not all of its arrays have one row"
                            + " for each example. Maybe give batches of at most {}?",
                    number,
                    examples,
                    wanted);
        }
        return examples;
    }

    /** Makes room for a pass of a part of the batch that was asked for last. */
    void before(MultiDataSet part) {
        limit.ifPresent(kept -> kept.before(part));
    }
}
