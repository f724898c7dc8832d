package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal.Format;
import org.growingnn.dl4j.graph.Signal.Kind;
import org.growingnn.dl4j.training.Calibrator.Choices;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
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

    private final DataType type;
    private final int passes;
    private final long stated;
    private final long model;
    private NetworkGraph network;
    private long perExample;
    private long behind;
    private boolean told;

    /**
     * Finds what is left of the limit beside the model that is calibrated with.
     *
     * @param type the type of the model's values
     */
    NativeLimit(NetworkGraph network, Choices choices, DataType type) {
        this.network = network.with(Optional.empty());
        this.type = type;
        // A backward pass has workspaces, which stay beside the activations of the next forward pass.
        this.passes = choices.gradients() ? 2 : 1;
        // Parameters, their gradients, sums and squares, with one array in between for each.
        int vectors = 1 + (choices.gradients() ? 2 : 0) + (choices.squares() ? 2 : 0);
        this.model = vectors * network.parameterCount() * type.width();
        this.stated = choices.nativeMemory().orElseThrow();
    }

    /**
     * Estimates what an example of a batch takes, whose series or maps may have other extents than those of the last one. Half of the
     * limit is left to what passes leave behind.
     *
     * @return at least 1
     */
    int examplesAtOnce(MultiDataSet batch) {
        network = sized(network, batch.getFeatures());
        perExample = CalibrationData.pass(network, batch.getFeatures(), type) * passes;
        if (stated < model + 2 * perExample && !told) {
            told = true;
            LOG.warn(String.format(
                    Locale.ROOT,
                    "The native memory of %d MB that calibration may take does not hold the model (%d MB) and a pass of one"
                            + " example (%d MB, and as much that passes leave behind); examples are passed one by one.",
                    stated / 1_000_000,
                    model / 1_000_000,
                    perExample / 1_000_000));
        }
        return CalibrationData.examplesAtOnce(batch, perExample, limit() / 2);
    }

    private long limit() {
        return stated - model;
    }

    /** Gives a network the heights, widths and lengths of the features that it takes; the same one if it has them. */
    private static NetworkGraph sized(NetworkGraph network, INDArray[] features) {
        List<NetworkInput> inputs = new ArrayList<>();
        for (int i = 0; i < features.length; i++) {
            NetworkInput input = network.inputs().get(i);
            long[] extents = input.extents();
            if (input.kind() != Kind.UNKNOWN && features[i].rank() == 2 + extents.length) {
                for (int axis = 0; axis < extents.length; axis++) {
                    extents[axis] = features[i].size(input.format() == Format.CHANNELS_LAST ? axis + 1 : axis + 2);
                }
            }
            inputs.add(new NetworkInput(input.name(), input.kind(), input.format(), input.size(), extents));
        }
        return network.withInputs(inputs);
    }

    /** Makes room for a pass of a part of the batch that was asked for last. */
    void before(MultiDataSet part) {
        long needed = part.getFeatures(0).size(0) * perExample;
        if (behind > 0 && behind + needed > limit()) {
            System.gc();
            behind = 0;
        }
        behind += needed;
    }
}
