package org.growingnn.dl4j.adapter;

import java.lang.ref.Reference;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Tensor;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;

/**
 * Reads and writes the parameters and the optimiser state of a live model by name, through its flattened vectors.
 *
 * <p>Every array of the parameter table is a view into one flattened vector; offset and strides of the view say where its
 * values are. The optimiser state is a sequence of blocks, each covering a range of that vector: a block of {@code L}
 * parameters with {@code S} arrays per parameter holds {@code S} runs of {@code L} values in the order of the flattened
 * vector. Going through flat positions gives the right state even where the parameter table's order is not the memory's.
 */
final class ParameterStore {

    /** Side of the tiles that are copied at a time. */
    private static final int TILE = 32;

    private final INDArray flattened;
    private final List<Slot> slots = new ArrayList<>();

    private ParameterStore(INDArray flattened) {
        this.flattened = flattened;
    }

    static ParameterStore of(ComputationGraph model, Map<String, VertexOperation> operations) {
        ParameterStore store = new ParameterStore(model.params());
        operations.forEach((name, operation) ->
                store.addAll(name, operation, model.getVertex(name).paramTable(false)));
        return store;
    }

    static ParameterStore of(MultiLayerNetwork model, Map<String, VertexOperation> operations) {
        ParameterStore store = new ParameterStore(model.params());
        int index = 0;
        for (Map.Entry<String, VertexOperation> entry : operations.entrySet()) {
            store.addAll(
                    entry.getKey(), entry.getValue(), model.getLayer(index++).paramTable(false));
        }
        return store;
    }

    private void addAll(String vertex, VertexOperation operation, Map<String, INDArray> table) {
        if (table == null) {
            return;
        }
        table.forEach((key, view) -> {
            long start = view.offset() - flattened.offset();
            for (ParameterPart part : operation.parts(key, view.shape())) {
                boolean whole = part.axis() < 0;
                slots.add(new Slot(
                        vertex,
                        part.key(),
                        whole ? start : start + part.from() * view.stride(part.axis()),
                        whole ? view.shape() : part.shape(),
                        view.stride(),
                        part.shape()));
            }
        });
    }

    /** Reads all parameters, and the state of the updater if there is one. */
    Map<String, Map<String, Parameter>> read(Updater updater) {
        NavigableMap<Long, StateBlock> blocks = updater == null ? new TreeMap<>() : stateBlocks(updater);
        INDArray view = blocks.isEmpty() ? null : updater.getStateViewArray();
        try {
            Flat values = Flat.of(flattened);
            Flat state = view == null ? null : Flat.of(view);
            Map<String, Map<String, Parameter>> result = new LinkedHashMap<>();
            for (Slot slot : slots) {
                List<Moment> moments = new ArrayList<>();
                block(blocks, slot).ifPresent(block -> {
                    for (int plane = 0; plane < block.kinds.size(); plane++) {
                        moments.add(new Moment(block.kinds.get(plane), slot.read(state, block.shift(plane))));
                    }
                });
                result.computeIfAbsent(slot.vertex, key -> new LinkedHashMap<>())
                        .put(slot.key, new Parameter(slot.read(values, 0), moments));
            }
            return result;
        } finally {
            // Native memory is freed once nobody reaches the arrays; buffers do not hold them.
            Reference.reachabilityFence(flattened);
            Reference.reachabilityFence(view);
        }
    }

    /** Reads a vector that is laid out like the parameters, such as their gradients. */
    Map<String, Map<String, Tensor>> read(INDArray vector) {
        try {
            Flat values = Flat.of(vector);
            Map<String, Map<String, Tensor>> result = new LinkedHashMap<>();
            for (Slot slot : slots) {
                result.computeIfAbsent(slot.vertex, key -> new LinkedHashMap<>())
                        .put(slot.key, slot.read(values, 0));
            }
            return result;
        } finally {
            Reference.reachabilityFence(vector);
        }
    }

    /** Writes all parameters into the model's flattened vector, whatever it holds. */
    void writeValues(Map<String, Map<String, Parameter>> parameters) {
        long covered = slots.stream().mapToLong(slot -> slot.length).sum();
        if (covered != flattened.length()) {
            throw new IllegalStateException("The model has " + flattened.length() + " parameters, but its tables hold "
                    + covered + " of them.");
        }
        try {
            Flat values = Flat.of(flattened);
            for (Slot slot : slots) {
                slot.write(values, 0, parameter(parameters, slot).value());
            }
            values.copyTo(flattened);
        } finally {
            Reference.reachabilityFence(flattened);
        }
    }

    /** Writes the state of those parameters that have it; the others keep the updater's initial state. */
    void writeState(Map<String, Map<String, Parameter>> parameters, Updater updater) {
        NavigableMap<Long, StateBlock> blocks = stateBlocks(updater);
        if (blocks.isEmpty()) {
            return;
        }
        INDArray view = updater.getStateViewArray();
        try {
            Flat state = Flat.of(view);
            for (Slot slot : slots) {
                List<Moment> moments = parameter(parameters, slot).state();
                block(blocks, slot)
                        .filter(block -> moments.size() == block.kinds.size())
                        .ifPresent(block -> {
                            for (int plane = 0; plane < moments.size(); plane++) {
                                slot.write(
                                        state,
                                        block.shift(plane),
                                        moments.get(plane).value());
                            }
                        });
            }
            state.copyTo(view);
        } finally {
            Reference.reachabilityFence(view);
        }
    }

    private static Optional<StateBlock> block(NavigableMap<Long, StateBlock> blocks, Slot slot) {
        return Optional.ofNullable(blocks.floorEntry(slot.offset))
                .map(Map.Entry::getValue)
                .filter(block -> slot.offset < block.end);
    }

    private static Parameter parameter(Map<String, Map<String, Parameter>> parameters, Slot slot) {
        Parameter parameter = parameters.getOrDefault(slot.vertex, Map.of()).get(slot.key);
        if (parameter == null || !Arrays.equals(parameter.value().shape(), slot.memoryShape)) {
            throw new IllegalStateException("The model expects the parameter '" + slot.key + "' of '" + slot.vertex
                    + "' with shape " + Arrays.toString(slot.memoryShape) + ", but the network has "
                    + (parameter == null ? "none" : parameter.value()) + ".");
        }
        return parameter;
    }

    /** Lists the blocks by where their parameters start. */
    private static NavigableMap<Long, StateBlock> stateBlocks(Updater updater) {
        NavigableMap<Long, StateBlock> result = new TreeMap<>();
        for (UpdaterBlock block : ((BaseMultiLayerUpdater<?>) updater).getUpdaterBlocks()) {
            int parameters = block.getParamOffsetEnd() - block.getParamOffsetStart();
            int states = block.getUpdaterViewOffsetEnd() - block.getUpdaterViewOffsetStart();
            if (states > 0) {
                result.put(
                        (long) block.getParamOffsetStart(),
                        new StateBlock(
                                block.getParamOffsetStart(),
                                block.getParamOffsetEnd(),
                                block.getUpdaterViewOffsetStart(),
                                kinds(block.getGradientUpdater().getConfig(), states / parameters)));
            }
        }
        return result;
    }

    private static List<Moment.Kind> kinds(IUpdater updater, int count) {
        Moment.Kind[] kinds = new Moment.Kind[count];
        // An updater of the user's own: signs are unknown, so nothing may turn negative.
        Arrays.fill(kinds, Moment.Kind.GRADIENT_MAGNITUDE);
        if (updater instanceof Adam || updater instanceof Nadam || updater instanceof AMSGrad) {
            Arrays.fill(kinds, Moment.Kind.GRADIENT_SQUARED);
            kinds[0] = Moment.Kind.GRADIENT;
        } else if (updater instanceof AdaMax || updater instanceof Nesterovs) {
            kinds[0] = Moment.Kind.GRADIENT;
        } else if (updater instanceof AdaGrad || updater instanceof RmsProp) {
            kinds[0] = Moment.Kind.GRADIENT_SQUARED;
        } else if (updater instanceof AdaDelta) {
            kinds[0] = Moment.Kind.GRADIENT_SQUARED;
            kinds[1] = Moment.Kind.UPDATE_SQUARED;
        }
        return List.of(kinds);
    }

    /** A range [start, end) of the flattened parameters whose state begins at stateStart. */
    private record StateBlock(long start, long end, long stateStart, List<Moment.Kind> kinds) {

        /** How far the state in one of the runs is from the parameters that it is the state of. */
        long shift(int plane) {
            return stateStart + plane * (end - start) - start;
        }
    }

    /** Where one parameter's values are in the flattened vector. */
    private static final class Slot {

        private final String vertex;
        private final String key;
        private final long offset;
        private final long[] memoryShape;
        private final int length;
        /** Flat positions from the first value to the last. */
        private final int span;
        /** Extents and strides, outermost first, neighbouring axes joined as far as strides allow; at least two. */
        private final int[] extents;

        private final int[] strides;

        Slot(String vertex, String key, long offset, long[] shape, long[] strides, long[] memoryShape) {
            this.vertex = vertex;
            this.key = key;
            this.offset = offset;
            this.memoryShape = memoryShape;
            Deque<long[]> axes = new ArrayDeque<>();
            long values = 1;
            long last = 0;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                values *= shape[axis];
                last += (shape[axis] - 1) * strides[axis];
                long[] inner = axes.peekFirst();
                if (inner != null && strides[axis] == inner[0] * inner[1]) {
                    inner[0] *= shape[axis];
                } else if (shape[axis] != 1) {
                    axes.addFirst(new long[] {shape[axis], strides[axis]});
                }
            }
            while (axes.size() < 2) {
                axes.addFirst(new long[] {1, 1});
            }
            this.length = Math.toIntExact(values);
            this.span = values == 0 ? 0 : Math.toIntExact(last + 1);
            this.extents =
                    axes.stream().mapToInt(axis -> Math.toIntExact(axis[0])).toArray();
            this.strides =
                    axes.stream().mapToInt(axis -> Math.toIntExact(axis[1])).toArray();
        }

        private boolean contiguous() {
            return extents[extents.length - 1] == length && strides[extents.length - 1] == 1;
        }

        Tensor read(Flat from, long shift) {
            int start = Math.toIntExact(offset + shift);
            if (from.doubles != null) {
                double[] flat = new double[span];
                from.doubles.get(start, flat);
                if (contiguous()) {
                    return Tensor.wrap(memoryShape, flat);
                }
                double[] values = new double[length];
                visit((position, at, rows, rowStride, columns, stride) ->
                        copy(flat, at, rowStride, stride, values, position, columns, 1, rows, columns));
                return Tensor.wrap(memoryShape, values);
            }
            float[] flat = new float[span];
            from.floats.get(start, flat);
            if (contiguous()) {
                return Tensor.wrap(memoryShape, flat);
            }
            float[] values = new float[length];
            visit((position, at, rows, rowStride, columns, stride) ->
                    copy(flat, at, rowStride, stride, values, position, columns, 1, rows, columns));
            return Tensor.wrap(memoryShape, values);
        }

        void write(Flat to, long shift, Tensor tensor) {
            int start = Math.toIntExact(offset + shift);
            if (to.doubles != null) {
                if (contiguous()) {
                    tensor.copyTo(to.doubles.slice(start, length));
                    return;
                }
                double[] values = tensor.toDoubles();
                double[] flat = new double[span];
                // What is in between belongs to others.
                if (span > length) {
                    to.doubles.get(start, flat);
                }
                visit((position, at, rows, rowStride, columns, stride) ->
                        copy(values, position, columns, 1, flat, at, rowStride, stride, rows, columns));
                to.doubles.put(start, flat);
                return;
            }
            if (contiguous()) {
                tensor.copyTo(to.floats.slice(start, length));
                return;
            }
            float[] values = tensor.toFloats();
            float[] flat = new float[span];
            if (span > length) {
                to.floats.get(start, flat);
            }
            visit((position, at, rows, rowStride, columns, stride) ->
                    copy(values, position, columns, 1, flat, at, rowStride, stride, rows, columns));
            to.floats.put(start, flat);
        }

        /** Copies a matrix in tiles that fit into the cache: one of the two sides is walked through in large steps. */
        private static void copy(
                float[] from,
                int fromStart,
                int fromRow,
                int fromStep,
                float[] to,
                int toStart,
                int toRow,
                int toStep,
                int rows,
                int columns) {
            for (int firstRow = 0; firstRow < rows; firstRow += TILE) {
                int rowEnd = Math.min(rows, firstRow + TILE);
                for (int first = 0; first < columns; first += TILE) {
                    int end = Math.min(columns, first + TILE);
                    for (int row = firstRow; row < rowEnd; row++) {
                        int source = fromStart + row * fromRow;
                        int target = toStart + row * toRow;
                        for (int column = first; column < end; column++) {
                            to[target + column * toStep] = from[source + column * fromStep];
                        }
                    }
                }
            }
        }

        private static void copy(
                double[] from,
                int fromStart,
                int fromRow,
                int fromStep,
                double[] to,
                int toStart,
                int toRow,
                int toStep,
                int rows,
                int columns) {
            for (int firstRow = 0; firstRow < rows; firstRow += TILE) {
                int rowEnd = Math.min(rows, firstRow + TILE);
                for (int first = 0; first < columns; first += TILE) {
                    int end = Math.min(columns, first + TILE);
                    for (int row = firstRow; row < rowEnd; row++) {
                        int source = fromStart + row * fromRow;
                        int target = toStart + row * toRow;
                        for (int column = first; column < end; column++) {
                            to[target + column * toStep] = from[source + column * fromStep];
                        }
                    }
                }
            }
        }

        /** Visits the values matrix by matrix in row-major order. */
        private void visit(MatrixVisitor visitor) {
            visit(visitor, 0, 0, 0);
        }

        private int visit(MatrixVisitor visitor, int axis, int position, int at) {
            int inner = axis + 1;
            if (inner == extents.length - 1) {
                visitor.visit(position, at, extents[axis], strides[axis], extents[inner], strides[inner]);
                return position + extents[axis] * extents[inner];
            }
            int next = position;
            for (int i = 0; i < extents[axis]; i++) {
                next = visit(visitor, inner, next, at + i * strides[axis]);
            }
            return next;
        }
    }

    private interface MatrixVisitor {
        /**
         * Visits values at consecutive row-major positions.
         *
         * @param position row-major position of the first
         * @param at flat position of the first, from that of the parameter's first value on
         * @param rows how many rows
         * @param rowStride how far their flat positions are apart
         * @param columns how many values in a row
         * @param stride how far the flat positions of neighbours in a row are apart
         */
        void visit(int position, int at, int rows, int rowStride, int columns, int stride);
    }

    /**
     * The values of a flattened vector, in the precision of the network: the vector's own memory where it is in reach, or else a copy.
     */
    private record Flat(FloatBuffer floats, DoubleBuffer doubles, boolean copied) {

        static Flat of(INDArray vector) {
            DataBuffer data = vector.data();
            boolean inReach = data.length() <= Integer.MAX_VALUE / data.getElementSize()
                    && Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU;
            if (vector.dataType() == DataType.DOUBLE) {
                return new Flat(
                        null, inReach ? data.asNioDouble().slice() : DoubleBuffer.wrap(data.asDouble()), !inReach);
            }
            inReach &= vector.dataType() == DataType.FLOAT;
            return new Flat(inReach ? data.asNioFloat().slice() : FloatBuffer.wrap(data.asFloat()), null, !inReach);
        }

        /** Brings what was written to the vector, unless it is there already. */
        void copyTo(INDArray vector) {
            if (copied) {
                vector.assign(
                        doubles != null
                                ? Nd4j.createFromArray(doubles.array())
                                : Nd4j.createFromArray(floats.array()).castTo(vector.dataType()));
            }
        }
    }
}
