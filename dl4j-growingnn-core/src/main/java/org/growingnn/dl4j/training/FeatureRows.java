package org.growingnn.dl4j.training;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.growingnn.dl4j.adapter.Weighing;
import org.growingnn.dl4j.adapter.Weighing.OwnOutput;
import org.growingnn.dl4j.adapter.Weighing.Patches;
import org.growingnn.dl4j.adapter.Weighing.Rows;
import org.growingnn.dl4j.graph.Signal.Format;
import org.nd4j.linalg.api.ndarray.INDArray;
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
            rows.add(Nd4j.pullRows(
                    unitsLast
                            ? own.reshape('c', all, units)
                            : own.reshape('c', units, all).transpose(),
                    1,
                    chosen(all, image)));
            Reference.reachabilityFence(own);
            own.close();
        }
        return Optional.of(together(rows));
    }

    /** Chooses positions of an image. */
    private int[] chosen(int all, int image) {
        SplittableRandom random = new SplittableRandom(new SplittableRandom(seed + firstExample + image).nextLong());
        int[] indices = new int[positions];
        for (int i = 0; i < positions; i++) {
            int from = (int) ((long) i * all / positions);
            int to = (int) ((i + 1L) * all / positions);
            indices[i] = random.nextInt(from, to);
        }
        return indices;
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
        int unitAxis = unitsLast ? values.rank() - 1 : 1;
        long units = values.size(unitAxis);
        long count = values.length() / units;
        long[] extents = IntStream.range(0, values.rank())
                .filter(axis -> axis != unitAxis)
                .mapToLong(values::size)
                .toArray();
        // Positions of an example stay together, which is several times faster than to bring units to the end one by
        // one.
        INDArray rows = unitsLast
                ? values.dup('c').reshape('c', count, units)
                : values.reshape('c', extents[0], units, count / extents[0])
                        .permute(1, 0, 2)
                        .dup('c')
                        .reshape('c', units, count)
                        .transpose();
        return present(rows, mask, unitsLast, extents);
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
        boolean series = input.rank() == 3;
        INDArray maps;
        if (series) {
            INDArray steps = unitsBeforeSteps(input, patches.format());
            if (patches.mode() == ConvolutionMode.Causal) {
                long before = (long) (patches.vertical().kernel() - 1)
                        * patches.vertical().dilation();
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
        KernelViews views = KernelViews.of(patches, chosen);
        boolean sampled = !series && mask.isEmpty() && views.positions() > positions;
        INDArray rows = seen(views, chosen, sampled);
        long[] extents = series
                ? new long[] {chosen.size(0), views.vertical().count()}
                : new long[] {
                    chosen.size(0), views.vertical().count(), views.horizontal().count()
                };
        return present(rows, mask.map(array -> some(array, maps)), patches.format() == Format.CHANNELS_LAST, extents);
    }

    /** Takes what kernels see, at all or at some positions, image by image, because all of it at once is large. */
    private INDArray seen(KernelViews views, INDArray maps, boolean sampled) {
        int count = Math.toIntExact(maps.size(0));
        int each = sampled ? positions : views.positions();
        INDArray all = Nd4j.createUninitialized(
                KernelViews.type(maps), new long[] {(long) count * each, views.features()}, 'f');
        for (int image = 0; image < count; image++) {
            INDArray one = maps.get(NDArrayIndex.interval(image, image + 1));
            int[] chosen = sampled
                    ? chosen(views.positions(), image)
                    : IntStream.range(0, each).toArray();
            try (INDArray own = views.rows(one, chosen)) {
                all.get(NDArrayIndex.interval((long) image * each, (image + 1L) * each), NDArrayIndex.all())
                        .assign(own);
            }
        }
        return all;
    }
}
