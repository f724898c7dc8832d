package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Signal;
import org.nd4j.linalg.dataset.api.preprocessor.Normalizer;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializer;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Reads model files, whose names do not matter, and writes them. */
final class Models {

    private static final byte[] ZIP = {'P', 'K'};
    private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F'};

    /** What Deeplearning4j writes itself. */
    private static final Set<String> OWN_ENTRIES = Set.of(
            ModelSerializer.CONFIGURATION_JSON,
            ModelSerializer.COEFFICIENTS_BIN,
            ModelSerializer.UPDATER_BIN,
            ModelSerializer.NO_PARAMS_MARKER);

    private Models() {}

    /**
     * Reads a model.
     *
     * @param path a zip that Deeplearning4j wrote, or an HDF5 file that Keras wrote
     * @return the model
     * @throws InputException if there is no such file, or if it holds no model
     */
    static LoadedModel load(Path path) {
        byte[] start = Inputs.start(path, "model", 4);
        if (startsWith(start, ZIP)) {
            return zip(path);
        }
        if (startsWith(start, HDF5)) {
            return keras(path);
        }
        throw new InputException("The model " + path + " is neither a zip of Deeplearning4j nor an HDF5 file of Keras"
                + (start.length == 0 ? ": it is empty" : "") + ".\nMaybe the download or the copy was interrupted?");
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && Arrays.equals(Arrays.copyOf(bytes, start.length), start);
    }

    private static LoadedModel zip(Path path) {
        Map<String, byte[]> extras = new LinkedHashMap<>();
        Model model;
        Optional<Normalizer<?>> normalizer;
        try (ZipFile zip = new ZipFile(path.toFile())) {
            JsonNode configuration =
                    Json.read(new String(entry(zip, path, ModelSerializer.CONFIGURATION_JSON), StandardCharsets.UTF_8));
            // Without this entry, Deeplearning4j would give a model with random weights.
            if (zip.getEntry(ModelSerializer.NO_PARAMS_MARKER) == null) {
                entry(zip, path, ModelSerializer.COEFFICIENTS_BIN);
            }
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && !OWN_ENTRIES.contains(entry.getName())) {
                    extras.put(entry.getName(), entry(zip, path, entry.getName()));
                }
            }
            normalizer = normalizer(zip);
            model = configuration.has("vertices")
                    ? ModelSerializer.restoreComputationGraph(path.toFile(), true)
                    : ModelSerializer.restoreMultiLayerNetwork(path.toFile(), true);
        } catch (InputException e) {
            throw e;
        } catch (ZipException e) {
            throw damaged(path, e, "the download or the copy was interrupted");
        } catch (Exception e) {
            // Deeplearning4j fails by all kinds of exceptions where a part of a file is damaged or missing.
            throw damaged(
                    path, e, "it was written by another version of Deeplearning4j, or has layers of your own code");
        }
        return loaded(path, LoadedModel.Kind.DEEPLEARNING4J, model, normalizer, extras);
    }

    private static byte[] entry(ZipFile zip, Path path, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new InputException("The zip " + path + " is no model of Deeplearning4j: it has no entry '" + name
                    + "'.\nMaybe it is an archive that a model lies in?");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    /** ModelSerializer would write to the file if it could not read the normaliser. */
    private static Optional<Normalizer<?>> normalizer(ZipFile zip) throws Exception {
        ZipEntry entry = zip.getEntry(ModelSerializer.NORMALIZER_BIN);
        if (entry == null) {
            return Optional.empty();
        }
        try (InputStream in = zip.getInputStream(entry)) {
            Normalizer<?> restored = NormalizerSerializer.getDefault().restore(in);
            return Optional.of(restored);
        }
    }

    private static LoadedModel keras(Path path) {
        Model model;
        JsonNode configuration;
        try {
            String text;
            boolean trainable;
            try (Hdf5Archive archive = new Hdf5Archive(path.toString())) {
                if (!archive.hasAttribute("model_config")) {
                    throw new InputException(
                            "The HDF5 file " + path
                                    + " has weights, but no model.\nMaybe write it by model.save(…) instead of save_weights(…)?");
                }
                text = archive.readAttributeAsJson("model_config");
                trainable = archive.hasAttribute("training_config");
            }
            configuration = Json.read(text);
            model = configuration.path("class_name").asText().equals("Sequential")
                    ? KerasModelImport.importKerasSequentialModelAndWeights(path.toString(), trainable)
                    : KerasModelImport.importKerasModelAndWeights(path.toString(), trainable);
        } catch (InputException e) {
            throw e;
        } catch (UnsupportedKerasConfigurationException | InvalidKerasConfigurationException e) {
            throw new InputException("Deeplearning4j cannot import the Keras model " + path + ": " + e.getMessage(), e);
        } catch (Exception e) {
            throw damaged(path, e, "it was written by Keras 3, which Deeplearning4j does not know");
        }
        LoadedModel loaded = loaded(path, LoadedModel.Kind.KERAS, model, Optional.empty(), Map.of());
        return kerasSize(configuration, loaded.network())
                .map(loaded::withInputSize)
                .orElse(loaded);
    }

    /** Keras stores what Deeplearning4j's import forgets: the size of the first input. */
    private static Optional<List<Integer>> kerasSize(JsonNode configuration, NetworkGraph network) {
        JsonNode shape = configuration.findValue("batch_input_shape");
        NetworkInput input = network.inputs().get(0);
        if (network.inputs().size() != 1
                || shape == null
                || shape.size() != 2 + input.kind().extents()
                || input.extents().length == 0) {
            return Optional.empty();
        }
        int from = input.format() == Signal.Format.CHANNELS_LAST ? 1 : 2;
        List<Integer> extents = LongStream.range(from, from + input.kind().extents())
                .mapToObj(axis -> shape.get((int) axis).asInt((int) Layout.UNKNOWN))
                .toList();
        return extents.stream().allMatch(extent -> extent > 0) ? Optional.of(extents) : Optional.empty();
    }

    private static InputException damaged(Path path, Exception cause, String maybe) {
        return new InputException(
                "The model " + path + " cannot be read: " + cause.getMessage() + "\nMaybe " + maybe + "?", cause);
    }

    private static LoadedModel loaded(
            Path path,
            LoadedModel.Kind kind,
            Model model,
            Optional<Normalizer<?>> normalizer,
            Map<String, byte[]> extras) {
        try {
            return new LoadedModel(path, kind, model, Dl4jGraphs.read(model), normalizer, extras, Files.size(path));
        } catch (IOException e) {
            throw new InputException("The size of " + path + " cannot be told: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a model, and everything else that the zip of another one holds, its normaliser included. The file is there as a whole or
     * not at all.
     *
     * @param model the model
     * @param updater whether to write the optimiser's state, if the model has one
     * @param original where everything else is taken from
     * @param file where to, which exists only if it may be replaced
     * @throws IOException if it cannot be written
     */
    static void write(Model model, boolean updater, LoadedModel original, Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path bare = Files.createTempFile("growingnn", ".zip");
        // Not a temporary file of Java's, which nobody else may read.
        Path whole = absolute.resolveSibling(
                "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            ModelSerializer.writeModel(model, bare.toFile(), updater);
            try (ZipFile from = new ZipFile(bare.toFile());
                    ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(whole))) {
                for (Enumeration<? extends ZipEntry> entries = from.entries(); entries.hasMoreElements(); ) {
                    ZipEntry entry = entries.nextElement();
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream in = from.getInputStream(entry)) {
                        in.transferTo(to);
                    }
                }
                for (Map.Entry<String, byte[]> extra : original.extras().entrySet()) {
                    to.putNextEntry(new ZipEntry(extra.getKey()));
                    to.write(extra.getValue());
                }
            }
            Files.move(whole, absolute, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(bare);
            Files.deleteIfExists(whole);
        }
    }
}
