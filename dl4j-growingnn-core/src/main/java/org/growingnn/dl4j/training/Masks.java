package org.growingnn.dl4j.training;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The masks of one batch, wherever in a network Deeplearning4j itself has one. Its own vertices pass them on, change or end them. */
final class Masks {

    private final Map<String, INDArray> entering = new HashMap<>();
    private final Map<String, INDArray> leaving = new HashMap<>();

    private Masks() {}

    /** Sets the masks of a model's layers, and finds out which ones there are. */
    static Masks set(ComputationGraph model, MultiDataSet batch) {
        Masks masks = new Masks();
        INDArray[] features = batch.getFeaturesMaskArrays();
        INDArray[] labels = batch.getLabelsMaskArrays();
        model.setLayerMaskArrays(features, labels);
        if (features != null) {
            masks.propagate(model, features);
            // Passing the masks on has put those of the features in the place of the labels'.
            model.setLayerMaskArrays(features, labels);
        }
        List<String> outputs = model.getConfiguration().getNetworkOutputs();
        for (int i = 0; i < outputs.size(); i++) {
            String output = outputs.get(i);
            if (labels != null) {
                masks.put(masks.entering, output, Optional.ofNullable(labels[i]));
            }
            // Output layers pass none on.
            if (masks.leaving(output).isEmpty()) {
                masks.put(masks.leaving, output, masks.entering(output));
            }
        }
        return masks;
    }

    private void propagate(ComputationGraph model, INDArray[] features) {
        int examples = Arrays.stream(features)
                .filter(mask -> mask != null)
                .mapToInt(mask -> Math.toIntExact(mask.size(0)))
                .reduce(-1, (first, last) -> last);
        Map<Integer, Pair<INDArray, MaskState>> passed = new HashMap<>();
        for (int index : model.topologicalSortOrder()) {
            GraphVertex vertex = model.getVertices()[index];
            Pair<INDArray, MaskState> out;
            if (vertex.isInputVertex()) {
                out = new Pair<>(features[index], MaskState.Active);
            } else {
                INDArray[] arriving = null;
                MaskState state = null;
                VertexIndices[] sources = vertex.getInputVertices();
                for (int i = 0; i < sources.length; i++) {
                    Pair<INDArray, MaskState> source = passed.get(sources[i].getVertexIndex());
                    if (source != null) {
                        arriving = arriving == null ? new INDArray[sources.length] : arriving;
                        arriving[i] = source.getFirst();
                        state = state == null || state == MaskState.Passthrough ? source.getSecond() : state;
                    }
                }
                put(entering, vertex.getVertexName(), behindPreprocessor(vertex, arriving, state, examples));
                out = vertex.feedForwardMaskArrays(arriving, state, examples);
            }
            passed.put(index, out);
            put(leaving, vertex.getVertexName(), mask(out));
        }
    }

    private static Optional<INDArray> behindPreprocessor(
            GraphVertex vertex, INDArray @Nullable [] arriving, @Nullable MaskState state, int examples) {
        if (arriving == null || arriving[0] == null) {
            return Optional.empty();
        }
        return vertex instanceof LayerVertex layer && layer.getLayerPreProcessor() != null
                ? mask(layer.getLayerPreProcessor().feedForwardMaskArray(arriving[0], state, examples))
                : Optional.of(arriving[0]);
    }

    private static Optional<INDArray> mask(@Nullable Pair<INDArray, MaskState> pair) {
        return Optional.ofNullable(pair).map(Pair::getFirst);
    }

    private void put(Map<String, INDArray> masks, String name, Optional<INDArray> mask) {
        mask.ifPresent(array -> masks.put(name, array));
    }

    /** Gives the mask of what a layer takes, behind its preprocessor; that of an output layer's labels, if they have one. */
    Optional<INDArray> entering(String vertex) {
        return Optional.ofNullable(entering.get(vertex));
    }

    /** Gives the mask of what leaves a vertex or network input. */
    Optional<INDArray> leaving(String name) {
        return Optional.ofNullable(leaving.get(name));
    }

    /**
     * Finds the positions that a mask leaves. A mask may have one value per position, one per example, or one per unit and position,
     * of which any counts. One that Deeplearning4j passes on to arrays of another shape says nothing about them.
     *
     * @param unitsLast whether the units are on the last axis, where the mask has an axis for them
     * @param extents number of examples, then the extents of the positions
     * @return indices in row-major order
     */
    static int[] present(INDArray mask, boolean unitsLast, long... extents) {
        int rank = extents.length;
        INDArray values = mask.castTo(DataType.DOUBLE);
        if (values.rank() == rank + 1) {
            values = values.neq(0).castTo(DataType.DOUBLE).max(unitsLast ? rank : 1);
        }
        long[] shape = Arrays.copyOf(values.shape(), rank);
        if (values.rank() < rank) {
            Arrays.fill(shape, values.rank(), rank, 1);
        }
        boolean fits = values.rank() <= rank
                && shape[0] == extents[0]
                && IntStream.range(1, rank).allMatch(i -> shape[i] == 1 || shape[i] == extents[i]);
        int count = Math.toIntExact(Arrays.stream(extents).reduce(1, (a, b) -> a * b));
        if (!fits) {
            return IntStream.range(0, count).toArray();
        }
        double[] flat = values.dup('c').data().asDouble();
        return IntStream.range(0, count)
                .filter(position -> flat[source(position, shape, extents)] != 0)
                .toArray();
    }

    /** Finds the element of a mask that belongs to a position, where axes of extent 1 are broadcast. */
    private static int source(int position, long[] shape, long[] extents) {
        int rest = position;
        int stride = 1;
        int index = 0;
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            int coordinate = Math.toIntExact(rest % extents[axis]);
            rest /= Math.toIntExact(extents[axis]);
            index += shape[axis] == 1 ? 0 : coordinate * stride;
            stride *= Math.toIntExact(shape[axis]);
        }
        return index;
    }

    /** Arranges a mask like the labels; null where it has another form, as Deeplearning4j then decides what it excludes. Units are on {@code axis}. */
    static @Nullable INDArray arranged(INDArray mask, long[] shape, int axis) {
        long[] arranged = mask.shape().clone();
        if (arranged.length == shape.length - 1) {
            arranged = new long[shape.length];
            for (int i = 0; i < shape.length; i++) {
                arranged[i] = i == axis ? 1 : mask.size(i < axis ? i : i - 1);
            }
        } else if (arranged.length == 2 && arranged[1] == 1) {
            arranged = new long[shape.length];
            Arrays.fill(arranged, 1);
            arranged[0] = mask.size(0);
        }
        if (arranged.length != shape.length) {
            return null;
        }
        for (int i = 0; i < shape.length; i++) {
            if (arranged[i] != 1 && arranged[i] != shape[i]) {
                return null;
            }
        }
        return tiled(mask.neq(0).reshape('c', arranged), shape);
    }

    /** Repeats an array along axes of extent 1. */
    static INDArray tiled(INDArray array, long[] shape) {
        int[] repetitions = new int[shape.length];
        for (int i = 0; i < shape.length; i++) {
            repetitions[i] = Math.toIntExact(shape[i] / array.size(i));
        }
        return Nd4j.tile(array, repetitions);
    }
}
