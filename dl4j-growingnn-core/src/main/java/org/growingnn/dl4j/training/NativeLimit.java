package org.growingnn.dl4j.training;

import java.util.Locale;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.training.Calibrator.Choices;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a calibration within a limit of native memory. Arrays that Deeplearning4j makes on the way are freed when Java collects the
 * objects that stand for them, which are so small that it need not do so for long: passes are counted, and it is asked before they
 * have left more behind than the limit has room for.
 */
final class NativeLimit {

    private static final Logger LOG = LoggerFactory.getLogger(Calibrator.class);

    private final long perExample;
    private final long limit;
    private long behind;

    private NativeLimit(long perExample, long limit) {
        this.perExample = perExample;
        this.limit = limit;
    }

    /**
     * Estimates what an example takes, and what is left of the limit beside the model that is calibrated with.
     *
     * @param batch the first batch, for the extents of inputs of unknown size
     */
    static NativeLimit of(NetworkGraph network, MultiDataSet batch, Choices choices, DataType type) {
        // A backward pass has workspaces, which stay beside the activations of the next forward pass.
        long perExample = CalibrationData.pass(network, batch.getFeatures()) * (choices.gradients() ? 2 : 1);
        // Parameters, their gradients, sums and squares, with one array in between for each.
        int vectors = 1 + (choices.gradients() ? 2 : 0) + (choices.squares() ? 2 : 0);
        long model = vectors * network.parameterCount() * type.width();
        long stated = choices.nativeMemory().orElseThrow();
        if (stated < model + 2 * perExample) {
            LOG.warn(String.format(
                    Locale.ROOT,
                    "The native memory of %d MB that calibration may take does not hold the model (%d MB) and a pass of one"
                            + " example (%d MB, and as much that passes leave behind); examples are passed one by one.",
                    stated / 1_000_000,
                    model / 1_000_000,
                    perExample / 1_000_000));
        }
        return new NativeLimit(perExample, stated - model);
    }

    /** Leaves half of the limit to what passes leave behind. */
    int examplesAtOnce(MultiDataSet batch) {
        return CalibrationData.examplesAtOnce(batch, perExample, limit / 2);
    }

    /** Makes room for a pass. */
    void before(MultiDataSet part) {
        long needed = part.getFeatures(0).size(0) * perExample;
        if (behind > 0 && behind + needed > limit) {
            System.gc();
            behind = 0;
        }
        behind += needed;
    }
}
