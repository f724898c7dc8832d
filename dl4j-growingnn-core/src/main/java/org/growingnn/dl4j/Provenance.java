package org.growingnn.dl4j;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.RunSettings;
import org.growingnn.dl4j.value.RecordJson;

/**
 * How a result came about.
 *
 * @param settingsJson all settings of the run, see {@link RunSettings#describe()}
 * @param versions versions of this library, Deeplearning4j, Java and the operating system; mathematical functions differ
 *     between platforms
 * @param modelSha256 hash of the configuration and parameters that went in
 */
public record Provenance(String settingsJson, Map<String, String> versions, String modelSha256) {

    /**
     * Copies the map.
     *
     * @param settingsJson all settings of the run
     * @param versions versions of the software
     * @param modelSha256 hash of the model that went in
     */
    public Provenance {
        Objects.requireNonNull(settingsJson, "settingsJson");
        versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
        Objects.requireNonNull(modelSha256, "modelSha256");
    }

    static Provenance of(RunSettings settings, NetworkGraph network) {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("dl4j-growingnn", version("org.growingnn", "dl4j-growingnn-core"));
        versions.put("deeplearning4j", version("org.deeplearning4j", "deeplearning4j-nn"));
        versions.put("java", System.getProperty("java.version"));
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return new Provenance(settings.describe(), versions, ModelHash.sha256(network));
    }

    /**
     * Lists the settings one by one.
     *
     * @return texts of the values by path, such as {@code training.initialEpochs}; empty ones are left out
     */
    public Map<String, String> settings() {
        return RecordJson.flatten(settingsJson);
    }

    private static String version(String group, String artifact) {
        String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream in = Provenance.class.getResourceAsStream(path)) {
            if (in == null) {
                return "unknown";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the class path.", e);
        }
    }
}
