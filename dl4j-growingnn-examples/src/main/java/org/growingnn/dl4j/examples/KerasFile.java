package org.growingnn.dl4j.examples;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.hdf5.Attribute;
import org.bytedeco.hdf5.DataSet;
import org.bytedeco.hdf5.DataSpace;
import org.bytedeco.hdf5.Group;
import org.bytedeco.hdf5.H5File;
import org.bytedeco.hdf5.H5Object;
import org.bytedeco.hdf5.PredType;
import org.bytedeco.hdf5.StrType;
import org.bytedeco.hdf5.global.hdf5;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Writes models as Keras 2 saves them: one HDF5 file with the configuration as JSON and the weights of each layer. */
final class KerasFile {

    private static final String VERSION = "2.9.0";
    private static final String BACKEND = "tensorflow";

    private KerasFile() {}

    /**
     * Writes a model.
     *
     * @param file where to
     * @param model its configuration, Keras' {@code model_config}
     * @param training its loss and optimiser, Keras' {@code training_config}
     * @param weights by layer and name, such as {@code kernel} and {@code bias}, in Keras' shapes
     */
    static void write(Path file, String model, String training, Map<String, Map<String, INDArray>> weights) {
        try (H5File archive = new H5File(file.toString(), hdf5.H5F_ACC_TRUNC())) {
            text(archive, "keras_version", VERSION);
            text(archive, "backend", BACKEND);
            text(archive, "model_config", model);
            text(archive, "training_config", training);
            try (Group all = archive.createGroup("model_weights")) {
                texts(all, "layer_names", weights.keySet().toArray(String[]::new));
                text(all, "backend", BACKEND);
                text(all, "keras_version", VERSION);
                weights.forEach((layer, arrays) -> layer(all, layer, arrays));
            }
        }
    }

    private static void layer(Group all, String layer, Map<String, INDArray> arrays) {
        try (Group outer = all.createGroup(layer);
                Group inner = outer.createGroup(layer)) {
            texts(
                    outer,
                    "weight_names",
                    arrays.keySet().stream()
                            .map(name -> layer + "/" + name + ":0")
                            .toArray(String[]::new));
            arrays.forEach((name, array) -> array(inner, name + ":0", array));
        }
    }

    private static void array(Group group, String name, INDArray array) {
        try (DataSpace space = new DataSpace(array.rank(), array.shape());
                DataSet data = group.createDataSet(name, PredType.IEEE_F32LE(), space);
                FloatPointer values = new FloatPointer(array.dup('c').data().asFloat())) {
            data.write(values, PredType.NATIVE_FLOAT());
        }
    }

    private static void text(H5Object object, String name, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        bytes(object, name, bytes, bytes.length, new DataSpace(hdf5.H5S_SCALAR));
    }

    /** Writes strings of one length, padded with zeros. */
    private static void texts(H5Object object, String name, String[] values) {
        int length = 1;
        for (String value : values) {
            length = Math.max(length, value.getBytes(StandardCharsets.UTF_8).length);
        }
        byte[] bytes = new byte[length * values.length];
        for (int i = 0; i < values.length; i++) {
            byte[] value = values[i].getBytes(StandardCharsets.UTF_8);
            System.arraycopy(value, 0, bytes, i * length, value.length);
        }
        bytes(object, name, bytes, length, new DataSpace(1, new long[] {values.length}));
    }

    private static void bytes(H5Object object, String name, byte[] bytes, int length, DataSpace where) {
        try (DataSpace space = where;
                StrType type = new StrType(PredType.C_S1(), length);
                Attribute attribute = object.createAttribute(name, type, space);
                BytePointer pointer = new BytePointer(bytes)) {
            attribute.write(type, pointer);
        }
    }
}
