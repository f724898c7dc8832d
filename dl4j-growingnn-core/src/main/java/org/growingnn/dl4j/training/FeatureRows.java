package org.growingnn.dl4j.training;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
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

/**
 * Arranges arrays as rows of what weights are multiplied with, or of units; what masks exclude is left out.
 *
 * @param images how many of the first images count
 * @param positions at how many positions of each image rows are taken; they are spread evenly
 * @param seed of the random numbers that choose positions
 * @param firstExample number of the first example, so that random numbers belong to examples
 */
record FeatureRows(int images, int positions, long seed, long firstExample) {

    /** Positions are so many that some of a batch's images are enough. */
    static final int IMAGES_PER_BATCH = 16;

    /**
     * Arranges what a layer's weights are multiplied with as {@code [positions, features]}.
     *
     * @param input what the layer takes
     * @param entering the mask of what the layer takes
     * @param leaving the mask of what leaves it
     * @return empty if masks leave nothing
     */
    Optional<INDArray> of(
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
     * Tells whether {@link #of what a layer's weights are multiplied with} are just {@link #ofUnits the units} that arrive, with the same
     * masks.
     *
     * @param input what the layer takes
     * @param format its memory format
     */
    static boolean areUnits(Weighing weighing, INDArray input, Format format) {
        if (weighing.terms().size() != 1) {
            return false;
        }
        return weighing.terms().get(0).features() instanceof Patches patches
                ? input.rank() == 4 && patches.isUnitwise() && patches.format() == format
                : weighing.terms().get(0).features() instanceof Rows rows
                        && (input.rank() == 2 || input.rank() == 3 && rows.format() == format);
    }

    /**
     * Arranges units as {@code [positions, units]}.
     *
     * @param mask the mask of the values
     * @return empty if the mask leaves nothing
     */
    Optional<INDArray> ofUnits(INDArray values, Format format, Optional<INDArray> mask) {
        if (values.rank() < 4) {
            return rows(values, format == Format.CHANNELS_LAST, mask);
        }
        if (images == 0) {
            return Optional.empty();
        }
        INDArray maps = some(values, values);
        Optional<INDArray> some = mask.map(array -> some(array, values));
        return sampled(maps, format == Format.CHANNELS_LAST, some)
                .or(() -> rows(maps, format == Format.CHANNELS_LAST, some));
    }

    /** Takes of an array the first images of the maps or volumes that it belongs to. */
    private INDArray some(INDArray array, INDArray values) {
        return values.rank() < 4 || array.size(0) != values.size(0) || values.size(0) <= images
                ? array
                : array.get(NDArrayIndex.interval(0, images));
    }

    /** Takes some positions of maps or volumes, if there are more than that and no mask. */
    private Optional<INDArray> sampled(INDArray maps, boolean unitsLast, Optional<INDArray> mask) {
        long units = maps.size(unitsLast ? maps.rank() - 1 : 1);
        int all = Math.toIntExact(maps.length() / (maps.size(0) * units));
        if (all <= positions || mask.isPresent()) {
            return Optional.empty();
        }
        List<INDArray> rows = new ArrayList<>();
        for (int image = 0; image < maps.size(0); image++) {
            INDArray own = maps.slice(image).dup('c');
            rows.add(chosen(
                    unitsLast
                            ? own.reshape('c', all, units)
                            : own.reshape('c', units, all).transpose(),
                    image));
            own.close();
        }
        return Optional.of(together(rows));
    }

    /** Takes the rows of the positions that are chosen for an image. */
    private INDArray chosen(INDArray rows, int image) {
        int all = Math.toIntExact(rows.size(0));
        SplittableRandom random = new SplittableRandom(new SplittableRandom(seed + firstExample + image).nextLong());
        int[] indices = new int[positions];
        for (int i = 0; i < positions; i++) {
            int from = (int) ((long) i * all / positions);
            int to = (int) ((i + 1L) * all / positions);
            indices[i] = random.nextInt(from, to);
        }
        INDArray some = Nd4j.pullRows(rows, 1, indices);
        Reference.reachabilityFence(rows);
        return some;
    }

    private static INDArray together(List<INDArray> rows) {
        if (rows.size() == 1) {
            return rows.get(0);
        }
        INDArray all = Nd4j.vstack(rows);
        rows.forEach(INDArray::close);
        return all;
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
    private Optional<INDArray> patches(Patches patches, INDArray input, Optional<INDArray> mask) {
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
        if (images == 0) {
            return Optional.empty();
        }
        INDArray chosen = some(maps, maps);
        if (patches.isUnitwise() && !series) {
            return sampled(chosen, false, mask).or(() -> rows(chosen, false, mask.map(array -> some(array, maps))));
        }
        if (!series && mask.isEmpty()) {
            Optional<INDArray> sampled = sampledPatches(patches, chosen);
            if (sampled.isPresent()) {
                return sampled;
            }
        }
        INDArray columns = columns(patches, chosen);
        // [images, nIn, kH, kW, outH, outW]
        long features = columns.size(1) * columns.size(2) * columns.size(3);
        INDArray rows = columns.permute(0, 4, 5, 1, 2, 3).dup('c').reshape('c', columns.length() / features, features);
        long[] size = columns.shape();
        columns.close();
        long[] extents = series ? new long[] {size[0], size[4]} : new long[] {size[0], size[4], size[5]};
        return present(rows, mask.map(array -> some(array, maps)), patches.format() == Format.CHANNELS_LAST, extents);
    }

    private static INDArray columns(Patches patches, INDArray maps) {
        Window vertical = patches.vertical();
        Window horizontal = patches.horizontal();
        return Convolution.im2col(
                // What im2col writes to is of the default type.
                maps.castTo(Nd4j.dataType()).dup('c'),
                vertical.kernel(),
                horizontal.kernel(),
                vertical.stride(),
                horizontal.stride(),
                vertical.padding(),
                horizontal.padding(),
                vertical.dilation(),
                horizontal.dilation(),
                patches.mode() == ConvolutionMode.Same);
    }

    /** Takes what kernels see at some positions, image by image, because all of it at once is large. */
    private Optional<INDArray> sampledPatches(Patches patches, INDArray maps) {
        List<INDArray> rows = new ArrayList<>();
        for (int image = 0; image < maps.size(0); image++) {
            INDArray columns = columns(patches, maps.get(NDArrayIndex.interval(image, image + 1)));
            long features = columns.size(1) * columns.size(2) * columns.size(3);
            long all = columns.size(4) * columns.size(5);
            if (all <= positions) {
                return Optional.empty();
            }
            rows.add(chosen(columns.reshape('c', features, all).transpose(), image));
            columns.close();
        }
        return Optional.of(together(rows));
    }
}
