package org.growingnn.dl4j.training;

import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.adapter.Weighing;
import org.growingnn.dl4j.adapter.Weighing.OwnOutput;
import org.growingnn.dl4j.adapter.Weighing.Patches;
import org.growingnn.dl4j.adapter.Weighing.Rows;
import org.growingnn.dl4j.adapter.Weighing.Window;
import org.growingnn.dl4j.graph.Signal.Format;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.convolution.Convolution;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Arranges arrays as rows of what weights are multiplied with, or of units; what masks exclude is left out. */
final class FeatureRows {

    /** Positions are so many that some of a batch's images are enough. */
    private static final int IMAGES_PER_BATCH = 16;

    private FeatureRows() {}

    /**
     * Arranges what a layer's weights are multiplied with as {@code [positions, features]}.
     *
     * @param input what the layer takes
     * @param entering the mask of what the layer takes
     * @param leaving the mask of what leaves it
     * @return empty if masks leave nothing
     */
    static Optional<INDArray> of(
            Weighing weighing, Layer layer, INDArray input, Optional<INDArray> entering, Optional<INDArray> leaving) {
        List<Optional<INDArray>> parts = weighing.terms().stream()
                .map(Weighing.Term::features)
                .map(features -> {
                    if (features instanceof Patches patches) {
                        return patches(patches, input, leaving);
                    }
                    if (features instanceof OwnOutput own) {
                        return rows(ownOutput(own.format(), layer, input), false, entering);
                    }
                    return rows(input, ((Rows) features).format() == Format.CHANNELS_LAST, entering);
                })
                .toList();
        return parts.stream().allMatch(Optional::isPresent)
                ? Optional.of(
                        Nd4j.hstack(parts.stream().map(Optional::orElseThrow).toArray(INDArray[]::new)))
                : Optional.empty();
    }

    /**
     * Arranges units as {@code [positions, units]}.
     *
     * @param mask the mask of the values
     * @return empty if the mask leaves nothing
     */
    static Optional<INDArray> ofUnits(INDArray values, Format format, Optional<INDArray> mask) {
        return rows(some(values), format == Format.CHANNELS_LAST, mask.map(array -> some(array, values)));
    }

    /** Takes the first images of maps or volumes. */
    private static INDArray some(INDArray values) {
        return some(values, values);
    }

    /** Takes of an array the first images of the maps or volumes that it belongs to. */
    private static INDArray some(INDArray array, INDArray values) {
        return values.rank() < 4 || array.size(0) != values.size(0) || values.size(0) <= IMAGES_PER_BATCH
                ? array
                : array.get(NDArrayIndex.interval(0, IMAGES_PER_BATCH));
    }

    private static Optional<INDArray> rows(INDArray values, boolean unitsLast, Optional<INDArray> mask) {
        if (values.rank() == 2) {
            return present(values, mask, unitsLast, values.size(0));
        }
        int[] order = new int[values.rank()];
        for (int i = 1; i < order.length - 1; i++) {
            order[i] = i + 1;
        }
        order[order.length - 1] = 1;
        INDArray arranged = (unitsLast ? values : values.permute(order)).dup('c');
        long units = arranged.size(arranged.rank() - 1);
        long[] extents = new long[arranged.rank() - 1];
        System.arraycopy(arranged.shape(), 0, extents, 0, extents.length);
        return present(arranged.reshape('c', arranged.length() / units, units), mask, unitsLast, extents);
    }

    private static Optional<INDArray> present(
            INDArray rows, Optional<INDArray> mask, boolean unitsLast, long... extents) {
        if (mask.isEmpty()) {
            return Optional.of(rows);
        }
        int[] kept = Masks.present(mask.get(), unitsLast, extents);
        if (kept.length == 0) {
            return Optional.empty();
        }
        INDArray some = rows.getRows(kept);
        // Nobody else may hold the rows; ND4J does not keep their memory while native code copies from it.
        Reference.reachabilityFence(rows);
        return Optional.of(some);
    }

    static Layer unwrapped(Layer layer) {
        Layer inner = layer;
        while (inner instanceof BaseWrapperLayer wrapper) {
            inner = wrapper.getUnderlying();
        }
        return inner;
    }

    /** Gives what a layer gave one step before, as {@code [examples, units, steps]}. */
    private static INDArray ownOutput(Format format, Layer layer, INDArray input) {
        INDArray output = unwrapped(layer).activate(input.dup(), false, LayerWorkspaceMgr.noWorkspaces());
        INDArray given = unitsBeforeSteps(output, format);
        long steps = given.size(2);
        INDArray nothing = Nd4j.zeros(given.dataType(), given.size(0), given.size(1), 1);
        return steps == 1
                ? nothing
                : Nd4j.concat(
                        2,
                        nothing,
                        given.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, steps - 1)));
    }

    /** Views a series of either format as {@code [examples, units, steps]}. */
    private static INDArray unitsBeforeSteps(INDArray series, Format format) {
        return format == Format.CHANNELS_LAST ? series.permute(0, 2, 1) : series;
    }

    /** Arranges what a convolution's kernels see as {@code [positions, nIn · kH · kW]}. */
    private static Optional<INDArray> patches(Patches patches, INDArray input, Optional<INDArray> mask) {
        Window vertical = patches.vertical();
        Window horizontal = patches.horizontal();
        boolean series = input.rank() == 3;
        INDArray maps;
        if (series) {
            INDArray steps = unitsBeforeSteps(input, patches.format());
            if (patches.mode() == ConvolutionMode.Causal) {
                long before = (long) (vertical.kernel() - 1) * vertical.dilation();
                steps = Nd4j.concat(2, Nd4j.zeros(steps.dataType(), steps.size(0), steps.size(1), before), steps);
            }
            maps = Nd4j.expandDims(steps, 3);
        } else {
            maps = patches.format() == Format.CHANNELS_LAST ? input.permute(0, 3, 1, 2) : input;
        }
        INDArray columns = Convolution.im2col(
                // What im2col writes to is of the default type.
                some(maps).castTo(Nd4j.dataType()).dup('c'),
                vertical.kernel(),
                horizontal.kernel(),
                vertical.stride(),
                horizontal.stride(),
                vertical.padding(),
                horizontal.padding(),
                vertical.dilation(),
                horizontal.dilation(),
                patches.mode() == ConvolutionMode.Same);
        // [images, nIn, kH, kW, outH, outW]
        long features = columns.size(1) * columns.size(2) * columns.size(3);
        INDArray rows = columns.permute(0, 4, 5, 1, 2, 3).dup('c').reshape('c', columns.length() / features, features);
        long[] extents = series
                ? new long[] {columns.size(0), columns.size(4)}
                : new long[] {columns.size(0), columns.size(4), columns.size(5)};
        return present(rows, mask.map(array -> some(array, maps)), patches.format() == Format.CHANNELS_LAST, extents);
    }
}
