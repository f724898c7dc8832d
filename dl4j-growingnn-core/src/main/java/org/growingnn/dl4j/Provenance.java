package org.growingnn.dl4j;

import java.util.Map;

/**
 * How a result came about.
 *
 * @param settings the run's settings by name, seed included
 * @param versions versions of this library, Deeplearning4j, Java and the operating system; mathematical functions differ
 *     between platforms
 * @param modelSha256 hash of the configuration and parameters that went in
 */
public record Provenance(Map<String, String> settings, Map<String, String> versions, String modelSha256) {

    /**
     * Copies the maps.
     *
     * @param settings the run's settings
     * @param versions versions of the software
     * @param modelSha256 hash of the model that went in
     */
    public Provenance {
        settings = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(settings));
        versions = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(versions));
    }
}
