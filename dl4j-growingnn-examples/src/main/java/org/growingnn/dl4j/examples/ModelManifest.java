package org.growingnn.dl4j.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;

/**
 * What is known about a trained test model: the {@code manifest.json} beside its {@code model.zip}.
 *
 * @param name the name of the model and of its directory
 * @param type {@code MultiLayerNetwork} or {@code ComputationGraph}
 * @param seed the seed of the initial weights and of the order of the training data
 * @param epochs how many epochs it was trained
 * @param batch the number of digits per training step
 * @param parameters the number of parameters
 * @param trainAccuracy the accuracy on the 60,000 training digits of MNIST
 * @param testAccuracy the accuracy on the 10,000 test digits of MNIST
 * @param sliceTrainAccuracy the accuracy on the training digits of the bundled slice
 * @param sliceTestAccuracy the accuracy on the test digits of the bundled slice
 * @param dl4j the DL4J version that trained and wrote the model
 * @param sha256 the SHA-256 of {@code model.zip}, in hexadecimal digits
 * @param command the command that made the model
 */
public record ModelManifest(
        String name,
        String type,
        long seed,
        int epochs,
        int batch,
        long parameters,
        double trainAccuracy,
        double testAccuracy,
        double sliceTrainAccuracy,
        double sliceTestAccuracy,
        String dl4j,
        String sha256,
        String command) {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * Reads a manifest.
     *
     * @param file the file
     * @return its content
     * @throws UncheckedIOException if the file is missing or no manifest
     */
    public static ModelManifest read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), ModelManifest.class);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The manifest " + file.toAbsolutePath() + " cannot be read: " + e.getMessage()
                            + "\nMaybe it was edited by hand: TrainTestModels writes it anew.",
                    e);
        }
    }

    void write(Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(this) + "\n", StandardCharsets.UTF_8);
    }

    /**
     * Computes the SHA-256 of a file.
     *
     * @param file the file
     * @return 64 hexadecimal digits
     */
    static String sha256(Path file) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
