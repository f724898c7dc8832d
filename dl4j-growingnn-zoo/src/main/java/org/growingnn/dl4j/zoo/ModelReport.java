package org.growingnn.dl4j.zoo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * What trying every neuron action on a model told.
 *
 * @param name the model
 * @param kind simple name of its class; empty if it could not be built
 * @param batch shape of the batch
 * @param error why nothing could be tried; empty if it could
 * @param note what else there is to say, such as why it cannot be trained; may be empty
 * @param parameters number of parameters
 * @param resizableParameters number of parameters in arrays that at least one resizable space indexes
 * @param resizableSpaces number of resizable spaces
 * @param frozen reasons why spaces are frozen, with the names of these spaces
 * @param actions number of actions tried
 * @param passed number of actions that passed everything
 * @param preserving number of actions that claim to preserve the function
 * @param worstDeviation largest relative deviation of any activation behind such an action
 * @param fitted number of models that were trained
 * @param failures action and reason of those that failed
 * @param readSeconds time to read the model
 * @param applySeconds mean time to apply an action
 * @param rebuildSeconds mean time to write the model
 * @param forwardSeconds mean time to run it
 * @param mebibytes largest memory of the process
 * @param seconds time of everything
 */
record ModelReport(
        String name,
        String kind,
        String batch,
        String error,
        String note,
        long parameters,
        long resizableParameters,
        int resizableSpaces,
        Map<String, List<String>> frozen,
        int actions,
        int passed,
        int preserving,
        double worstDeviation,
        int fitted,
        List<String> failures,
        double readSeconds,
        double applySeconds,
        double rebuildSeconds,
        double forwardSeconds,
        long mebibytes,
        double seconds) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Makes the report of a model that Deeplearning4j cannot build, which is no failure of the library. */
    static ModelReport notBuilt(Specimen specimen, String error, double seconds) {
        return empty(specimen, "", error, List.of(), seconds);
    }

    /** Makes the report of a model on which nothing could be tried. */
    static ModelReport failed(Specimen specimen, String kind, String error, double seconds) {
        return empty(specimen, kind, error, List.of(error), seconds);
    }

    private static ModelReport empty(
            Specimen specimen, String kind, String error, List<String> failures, double seconds) {
        return new ModelReport(
                specimen.name(),
                kind,
                specimen.batch(),
                error,
                "",
                0,
                0,
                0,
                Map.of(),
                0,
                0,
                0,
                0,
                0,
                failures,
                0,
                0,
                0,
                0,
                0,
                seconds);
    }

    void write(Path file) throws IOException {
        MAPPER.writeValue(file.toFile(), this);
    }

    static ModelReport read(Path file) throws IOException {
        return MAPPER.readValue(file.toFile(), ModelReport.class);
    }
}
