package org.growingnn.dl4j.adapter;

import java.lang.ref.Reference;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
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

    /** Writes all parameters into the model's flattened vector. */
    void writeValues(Map<String, Map<String, Parameter>> parameters) {
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

        /** How many values of one row are copied before the next row: as many as share a cache line where columns are contiguous. */
        private static final int TILE = 16;

        private final String vertex;
        private final String key;
        private final long offset;
        private final long[] shape;
        private final long[] strides;
        private final long[] memoryShape;
        private final int length;
        /** Flat positions from the first value to the last. */
        private final int span;
        /** Row-major positions whose flat positions are a stride apart, as many as strides allow. */
        private final int run;

        private final long stride;
        private final int outerAxes;

        Slot(String vertex, String key, long offset, long[] shape, long[] strides, long[] memoryShape) {
            this.vertex = vertex;
            this.key = key;
            this.offset = offset;
            // Axes of one position may have any stride.
            int[] wide = IntStream.range(0, shape.length)
                    .filter(axis -> shape[axis] != 1)
                    .toArray();
            this.shape = Arrays.stream(wide).mapToLong(axis -> shape[axis]).toArray();
            this.strides = Arrays.stream(wide).mapToLong(axis -> strides[axis]).toArray();
            this.memoryShape = memoryShape;
            long values = 1;
            long last = 0;
            for (int axis = 0; axis < wide.length; axis++) {
                values *= this.shape[axis];
                last += (this.shape[axis] - 1) * this.strides[axis];
            }
            this.length = Math.toIntExact(values);
            this.span = values == 0 ? 0 : Math.toIntExact(last + 1);
            int axis = wide.length - 1;
            long count = axis < 0 ? 1 : this.shape[axis];
            this.stride = axis < 0 ? 1 : this.strides[axis];
            while (axis > 0 && this.strides[axis - 1] == stride * count) {
                count *= this.shape[--axis];
            }
            this.run = Math.toIntExact(count);
            this.outerAxes = Math.max(0, axis);
        }

        private boolean contiguous() {
            return run == length && stride == 1;
        }

        Tensor read(Flat from, long shift) {
            int start = Math.toIntExact(offset + shift);
            if (from.doubles != null) {
                double[] flat = new double[span];
                from.doubles.get(start, flat);
                double[] values = contiguous() ? flat : new double[length];
                if (values != flat) {
                    visit((position, at, count) -> {
                        for (int i = 0; i < count; i++) {
                            values[position + i] = flat[at + i * (int) stride];
                        }
                    });
                }
                return Tensor.wrap(memoryShape, values);
            }
            float[] flat = new float[span];
            from.floats.get(start, flat);
            float[] values = contiguous() ? flat : new float[length];
            if (values != flat) {
                visit((position, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        values[position + i] = flat[at + i * (int) stride];
                    }
                });
            }
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
                visit((position, at, count) -> {
                    for (int i = 0; i < count; i++) {
                        flat[at + i * (int) stride] = values[position + i];
                    }
                });
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
            visit((position, at, count) -> {
                for (int i = 0; i < count; i++) {
                    flat[at + i * (int) stride] = values[position + i];
                }
            });
            to.floats.put(start, flat);
        }

        /** Visits all values in pieces of runs: a piece of every run, then the next piece of every run. */
        private void visit(RunVisitor visitor) {
            int piece = stride == 1 ? run : TILE;
            for (int from = 0; from < run && length > 0; from += piece) {
                visit(visitor, 0, from, Math.toIntExact(from * stride), Math.min(piece, run - from));
            }
        }

        private int visit(RunVisitor visitor, int axis, int position, int at, int count) {
            if (axis == outerAxes) {
                visitor.visit(position, at, count);
                return position + run;
            }
            int next = position;
            for (int i = 0; i < shape[axis]; i++) {
                next = visit(visitor, axis + 1, next, Math.toIntExact(at + i * strides[axis]), count);
            }
            return next;
        }
    }

    private interface RunVisitor {
        /**
         * Visits values at consecutive row-major positions whose flat positions are a stride apart.
         *
         * @param position row-major position of the first
         * @param at flat position of the first, from that of the parameter's first value on
         * @param count how many
         */
        void visit(int position, int at, int count);
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
