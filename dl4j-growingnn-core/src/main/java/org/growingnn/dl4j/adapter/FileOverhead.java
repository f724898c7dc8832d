package org.growingnn.dl4j.adapter;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Measures what {@link ModelSerializer} writes beside the values of parameters, by writing it. */
final class FileOverhead {

    private FileOverhead() {}

    /**
     * Measures.
     *
     * @param network a network read from a Deeplearning4j model
     * @return bytes; where the network can be written as a chain, too, those of the larger one of both files
     */
    static long of(NetworkGraph network) {
        ComputationGraph graph = ModelWriter.toComputationGraph(network);
        long bytes;
        try {
            bytes = size(graph.getConfiguration().toJson(), graph.params());
        } finally {
            ModelWriter.release(graph);
        }
        if (ModelWriter.isChain(network)) {
            MultiLayerNetwork chain = ModelWriter.toMultiLayerNetwork(network);
            try {
                bytes = Math.max(bytes, size(chain.getLayerWiseConfigurations().toJson(), chain.params()));
            } finally {
                chain.close();
            }
        }
        return bytes;
    }

    private static long size(String json, INDArray parameters) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry(ModelSerializer.CONFIGURATION_JSON));
            zip.write(json.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry(ModelSerializer.COEFFICIENTS_BIN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.size() + (parameters == null ? 0 : header(parameters.dataType()));
    }

    /** Measures what stands in front of an array's values. */
    private static long header(DataType type) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (INDArray single = Nd4j.zeros(type, 1, 1);
                DataOutputStream stream = new DataOutputStream(bytes)) {
            Nd4j.write(single, stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.size() - type.width();
    }
}
