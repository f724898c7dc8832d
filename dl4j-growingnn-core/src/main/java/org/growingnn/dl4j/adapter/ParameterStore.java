package org.growingnn.dl4j.adapter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        Flat values = Flat.of(flattened);
        List<StateBlock> blocks = updater == null ? List.of() : stateBlocks(updater);
        Flat state = blocks.isEmpty() ? null : Flat.of(updater.getStateViewArray());
        Map<String, Map<String, Parameter>> result = new LinkedHashMap<>();
        for (Slot slot : slots) {
            List<Moment> moments = new ArrayList<>();
            for (StateBlock block : blocks) {
                if (slot.offset >= block.start && slot.offset < block.end) {
                    for (int plane = 0; plane < block.kinds.size(); plane++) {
                        long shift = block.stateStart + plane * (block.end - block.start) - block.start;
                        moments.add(new Moment(block.kinds.get(plane), slot.read(state, shift)));
                    }
                }
            }
            result.computeIfAbsent(slot.vertex, key -> new LinkedHashMap<>())
                    .put(slot.key, new Parameter(slot.read(values, 0), moments));
        }
        return result;
    }

    /** Reads a vector that is laid out like the parameters, such as their gradients. */
    Map<String, Map<String, Tensor>> read(INDArray vector) {
        Flat values = Flat.of(vector);
        Map<String, Map<String, Tensor>> result = new LinkedHashMap<>();
        for (Slot slot : slots) {
            result.computeIfAbsent(slot.vertex, key -> new LinkedHashMap<>()).put(slot.key, slot.read(values, 0));
        }
        return result;
    }

    /** Writes all parameters into the model's flattened vector. */
    void writeValues(Map<String, Map<String, Parameter>> parameters) {
        Flat values = Flat.zeros(flattened);
        for (Slot slot : slots) {
            slot.write(values, 0, parameter(parameters, slot).value());
        }
        values.copyTo(flattened);
    }

    /** Writes the state of those parameters that have it; the others keep the updater's initial state. */
    void writeState(Map<String, Map<String, Parameter>> parameters, Updater updater) {
        List<StateBlock> blocks = stateBlocks(updater);
        if (blocks.isEmpty()) {
            return;
        }
        INDArray view = updater.getStateViewArray();
        Flat state = Flat.of(view);
        for (Slot slot : slots) {
            List<Moment> moments = parameter(parameters, slot).state();
            for (StateBlock block : blocks) {
                if (slot.offset >= block.start && slot.offset < block.end && moments.size() == block.kinds.size()) {
                    for (int plane = 0; plane < moments.size(); plane++) {
                        long shift = block.stateStart + plane * (block.end - block.start) - block.start;
                        slot.write(state, shift, moments.get(plane).value());
                    }
                }
            }
        }
        state.copyTo(view);
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

    private static List<StateBlock> stateBlocks(Updater updater) {
        List<StateBlock> result = new ArrayList<>();
        for (UpdaterBlock block : ((BaseMultiLayerUpdater<?>) updater).getUpdaterBlocks()) {
            int parameters = block.getParamOffsetEnd() - block.getParamOffsetStart();
            int states = block.getUpdaterViewOffsetEnd() - block.getUpdaterViewOffsetStart();
            if (states > 0) {
                result.add(new StateBlock(
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
    private record StateBlock(long start, long end, long stateStart, List<Moment.Kind> kinds) {}

    /** Where one parameter's values are in the flattened vector. */
    private record Slot(String vertex, String key, long offset, long[] shape, long[] strides, long[] memoryShape) {

        Tensor read(Flat from, long shift) {
            int length = 1;
            for (long extent : shape) {
                length = Math.toIntExact(length * extent);
            }
            if (from.doubles != null) {
                double[] values = new double[length];
                visit((position, flat, count, stride) ->
                        copy(from.doubles, flat + shift, stride, values, position, 1, count));
                return Tensor.wrap(memoryShape, values);
            }
            float[] values = new float[length];
            visit((position, flat, count, stride) ->
                    copy(from.floats, flat + shift, stride, values, position, 1, count));
            return Tensor.wrap(memoryShape, values);
        }

        void write(Flat to, long shift, Tensor tensor) {
            if (to.doubles != null) {
                double[] values = tensor.toDoubles();
                visit((position, flat, count, stride) ->
                        copy(values, position, 1, to.doubles, flat + shift, stride, count));
            } else {
                float[] values = tensor.toFloats();
                visit((position, flat, count, stride) ->
                        copy(values, position, 1, to.floats, flat + shift, stride, count));
            }
        }

        private static void copy(
                float[] from, long start, long step, float[] to, long toStart, long toStep, int count) {
            if (step == 1 && toStep == 1) {
                System.arraycopy(from, (int) start, to, (int) toStart, count);
            } else {
                for (int i = 0; i < count; i++) {
                    to[(int) (toStart + i * toStep)] = from[(int) (start + i * step)];
                }
            }
        }

        private static void copy(
                double[] from, long start, long step, double[] to, long toStart, long toStep, int count) {
            if (step == 1 && toStep == 1) {
                System.arraycopy(from, (int) start, to, (int) toStart, count);
            } else {
                for (int i = 0; i < count; i++) {
                    to[(int) (toStart + i * toStep)] = from[(int) (start + i * step)];
                }
            }
        }

        /** Visits the values in row-major order, in runs that are as long as strides allow. */
        private void visit(RunVisitor visitor) {
            int axis = shape.length - 1;
            long count = 1;
            long stride = 1;
            if (axis >= 0) {
                count = shape[axis];
                stride = strides[axis];
                while (axis > 0 && strides[axis - 1] == stride * count) {
                    count *= shape[--axis];
                }
            }
            visit(visitor, 0, Math.max(0, axis), 0, offset, (int) count, stride);
        }

        private int visit(RunVisitor visitor, int axis, int last, int position, long flat, int count, long stride) {
            if (axis == last) {
                visitor.visit(position, flat, count, stride);
                return position + count;
            }
            int next = position;
            for (long i = 0; i < shape[axis]; i++) {
                next = visit(visitor, axis + 1, last, next, flat + i * strides[axis], count, stride);
            }
            return next;
        }
    }

    private interface RunVisitor {
        /**
         * Visits values at consecutive row-major positions whose flat positions are a stride apart.
         *
         * @param position row-major position of the first
         * @param flat flat position of the first
         */
        void visit(int position, long flat, int count, long stride);
    }

    /** A flattened vector on the heap, in the precision of the network. */
    private record Flat(float[] floats, double[] doubles) {

        static Flat of(INDArray vector) {
            DataBuffer data = vector.data();
            if (vector.dataType() == DataType.DOUBLE) {
                return new Flat(null, data.asDouble());
            }
            if (!inReach(data)) {
                return new Flat(data.asFloat(), null);
            }
            float[] values = new float[(int) data.length()];
            data.asNioFloat().get(values);
            return new Flat(values, null);
        }

        static Flat zeros(INDArray vector) {
            int length = Math.toIntExact(vector.data().length());
            return vector.dataType() == DataType.DOUBLE
                    ? new Flat(null, new double[length])
                    : new Flat(new float[length], null);
        }

        void copyTo(INDArray vector) {
            if (doubles != null) {
                vector.assign(Nd4j.createFromArray(doubles));
            } else if (inReach(vector.data())) {
                vector.data().asNioFloat().put(floats);
            } else {
                vector.assign(Nd4j.createFromArray(floats).castTo(vector.dataType()));
            }
        }

        /** Tells whether values can be moved all at once, which is many times faster than one by one. */
        private static boolean inReach(DataBuffer data) {
            return data.dataType() == DataType.FLOAT
                    && data.length() <= Integer.MAX_VALUE / Float.BYTES
                    && Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU;
        }
    }
}
