package org.growingnn.dl4j.adapter;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Parameter.Moment;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;

/**
 * Networks as bytes, for another process with the same classes: structure, configuration, parameters, optimiser state and counters, bit
 * for bit. Calibration and lineage stay behind, since running and training a network needs neither.
 *
 * <p>The format is for a pair of processes of one version of this library, and not for files: it may change with every version.
 */
public final class NetworkBytes {

    private enum Kind {
        /** The configuration that the model was read with has the vertex. */
        ORIGINAL,
        EDITED,
        SELECTION
    }

    private NetworkBytes() {}

    /**
     * Insists that another process would see the network as this one does.
     *
     * @param network a network read from a Deeplearning4j model
     * @throws IllegalArgumentException if it was read with adapters that no service file on the library's class path names, with the
     *     adapters
     */
    public static void requirePortable(NetworkGraph network) {
        AdapterRegistry elsewhere = AdapterRegistry.load(AdapterRegistry.class.getClassLoader());
        List<String> missing = Dl4jOrigin.of(network.origin()).adapters().missingIn(elsewhere);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("The adapters " + missing
                    + " cannot be taken to another process: no service file for AdapterProvider on the class path names them.\n"
                    + "Maybe add one, or evaluate in threads of this process?");
        }
    }

    /**
     * Writes a network.
     *
     * @param network a network read from a Deeplearning4j model
     * @param out what to write to
     * @throws IOException if that cannot be written to
     */
    public static void write(NetworkGraph network, DataOutput out) throws IOException {
        Dl4jOrigin origin = Dl4jOrigin.of(network.origin());
        out.writeBoolean(origin.adapters().prunesFrozenLayers());
        writeText(origin.graphJson(), out);
        writeText(origin.multiLayerJson(), out);
        writeText(origin.latencies().map(LatencyTable::toJson), out);
        writeCounters(origin, out);
        out.writeInt(network.inputs().size());
        for (NetworkInput input : network.inputs()) {
            writeText(input.name(), out);
            out.writeByte(input.kind().ordinal());
            out.writeByte(input.format().ordinal());
            out.writeLong(input.size());
            writeNumbers(input.extents(), out);
        }
        writeTexts(network.outputs(), out);
        out.writeInt(network.vertices().size());
        for (Vertex vertex : network.vertices()) {
            writeText(vertex.name(), out);
            writeTexts(vertex.inputs(), out);
            writeOperation(vertex.operation(), out);
            writeParameters(vertex, out);
        }
    }

    /**
     * Reads a network, whose adapters are those that {@link AdapterRegistry#load()} finds here.
     *
     * @param in what {@link #write} wrote
     * @return the network without calibration and lineage
     * @throws IOException if it cannot be read
     */
    public static NetworkGraph read(DataInput in) throws IOException {
        AdapterRegistry adapters = AdapterRegistry.load().pruneFrozenLayers(in.readBoolean());
        String graphJson = readText(in);
        Optional<String> multiLayerJson = readOptionalText(in);
        Optional<LatencyTable> latencies = readOptionalText(in).map(LatencyTable::fromJson);
        Dl4jOrigin origin = new Dl4jOrigin(adapters, graphJson, multiLayerJson, in.readInt(), in.readInt(), latencies);
        List<NetworkInput> inputs = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            inputs.add(new NetworkInput(
                    readText(in),
                    Signal.Kind.values()[in.readByte()],
                    Signal.Format.values()[in.readByte()],
                    in.readLong(),
                    readNumbers(in)));
        }
        List<String> outputs = readTexts(in);
        Map<String, GraphVertex> originals =
                ComputationGraphConfiguration.fromJson(graphJson).getVertices();
        List<Vertex> vertices = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String name = readText(in);
            vertices.add(new Vertex(
                    name, readTexts(in), readOperation(adapters, originals.get(name), in), readParameters(in)));
        }
        return new NetworkGraph(inputs, vertices, outputs, origin);
    }

    /**
     * Writes what training changes.
     *
     * @param trained a network
     * @param out what to write to
     * @throws IOException if that cannot be written to
     */
    public static void writeTraining(NetworkGraph trained, DataOutput out) throws IOException {
        writeCounters(Dl4jOrigin.of(trained.origin()), out);
        for (Vertex vertex : trained.vertices()) {
            writeParameters(vertex, out);
        }
    }

    /**
     * Reads what training has changed.
     *
     * @param network the network that was trained elsewhere
     * @param in what {@link #writeTraining} wrote
     * @return the network with the parameters, optimiser state and counters that it has there; calibration and lineage are its own
     * @throws IOException if it cannot be read
     */
    public static NetworkGraph readTraining(NetworkGraph network, DataInput in) throws IOException {
        Dl4jOrigin origin = Dl4jOrigin.of(network.origin()).counted(in.readInt(), in.readInt());
        Map<String, Map<String, Parameter>> parameters = new LinkedHashMap<>();
        for (Vertex vertex : network.vertices()) {
            parameters.put(vertex.name(), readParameters(in));
        }
        return network.withParameters(parameters).with(origin);
    }

    private static void writeCounters(Dl4jOrigin origin, DataOutput out) throws IOException {
        out.writeInt(origin.iterations());
        out.writeInt(origin.epochs());
    }

    private static void writeOperation(Operation operation, DataOutput out) throws IOException {
        if (operation instanceof Selection selection) {
            out.writeByte(Kind.SELECTION.ordinal());
            int[] kept = selection.kept();
            out.writeInt(kept.length);
            for (int position : kept) {
                out.writeInt(position);
            }
        } else if (operation instanceof VertexOperation vertex) {
            out.writeByte((vertex.isOriginal() ? Kind.ORIGINAL : Kind.EDITED).ordinal());
            if (!vertex.isOriginal()) {
                writeText(vertex.json(), out);
            }
        } else {
            throw new IllegalArgumentException(
                    "The operation " + operation + " was not read from a Deeplearning4j model.");
        }
    }

    private static Operation readOperation(AdapterRegistry adapters, GraphVertex original, DataInput in)
            throws IOException {
        return switch (Kind.values()[in.readByte()]) {
            case ORIGINAL -> VertexOperation.original(adapters, original);
            case EDITED -> VertexOperation.edited(adapters, VertexOperation.parse(readText(in)));
            case SELECTION -> {
                int[] kept = new int[in.readInt()];
                for (int i = 0; i < kept.length; i++) {
                    kept[i] = in.readInt();
                }
                yield Selection.of(kept);
            }
        };
    }

    private static void writeParameters(Vertex vertex, DataOutput out) throws IOException {
        out.writeInt(vertex.parameters().size());
        for (Map.Entry<String, Parameter> entry : vertex.parameters().entrySet()) {
            writeText(entry.getKey(), out);
            writeTensor(entry.getValue().value(), out);
            out.writeInt(entry.getValue().state().size());
            for (Moment moment : entry.getValue().state()) {
                out.writeByte(moment.kind().ordinal());
                writeTensor(moment.value(), out);
            }
        }
    }

    private static Map<String, Parameter> readParameters(DataInput in) throws IOException {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String key = readText(in);
            Tensor value = readTensor(in);
            List<Moment> state = new ArrayList<>();
            for (int moments = in.readInt(); moments > 0; moments--) {
                state.add(new Moment(Moment.Kind.values()[in.readByte()], readTensor(in)));
            }
            parameters.put(key, new Parameter(value, state));
        }
        return parameters;
    }

    private static void writeTensor(Tensor tensor, DataOutput out) throws IOException {
        writeNumbers(tensor.shape(), out);
        out.writeBoolean(tensor.isDouble());
        ByteBuffer bytes = ByteBuffer.allocate(bytes(tensor.length(), tensor.isDouble()));
        if (tensor.isDouble()) {
            bytes.asDoubleBuffer().put(tensor.toDoubles());
        } else {
            bytes.asFloatBuffer().put(tensor.toFloats());
        }
        out.write(bytes.array());
    }

    private static Tensor readTensor(DataInput in) throws IOException {
        long[] shape = readNumbers(in);
        boolean isDouble = in.readBoolean();
        int length = 1;
        for (long extent : shape) {
            length = Math.toIntExact(length * extent);
        }
        byte[] bytes = new byte[bytes(length, isDouble)];
        in.readFully(bytes);
        if (isDouble) {
            double[] values = new double[length];
            ByteBuffer.wrap(bytes).asDoubleBuffer().get(values);
            return Tensor.wrap(shape, values);
        }
        float[] values = new float[length];
        ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
        return Tensor.wrap(shape, values);
    }

    private static int bytes(int length, boolean isDouble) {
        return Math.multiplyExact(length, isDouble ? Double.BYTES : Float.BYTES);
    }

    private static void writeNumbers(long[] numbers, DataOutput out) throws IOException {
        out.writeInt(numbers.length);
        for (long number : numbers) {
            out.writeLong(number);
        }
    }

    private static long[] readNumbers(DataInput in) throws IOException {
        long[] numbers = new long[in.readInt()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = in.readLong();
        }
        return numbers;
    }

    private static void writeTexts(List<String> texts, DataOutput out) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            writeText(text, out);
        }
    }

    private static List<String> readTexts(DataInput in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            texts.add(readText(in));
        }
        return texts;
    }

    private static void writeText(Optional<String> text, DataOutput out) throws IOException {
        out.writeBoolean(text.isPresent());
        if (text.isPresent()) {
            writeText(text.get(), out);
        }
    }

    private static Optional<String> readOptionalText(DataInput in) throws IOException {
        return in.readBoolean() ? Optional.of(readText(in)) : Optional.empty();
    }

    /** Not by {@code writeUTF}, which takes no more than 64 KiB. */
    private static void writeText(String text, DataOutput out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
