package org.growingnn.dl4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The model that a command reads. */
final class ModelOptions {

    @Parameters(
            paramLabel = "MODEL",
            description = "a zip that Deeplearning4j's ModelSerializer wrote, or an HDF5 file that Keras wrote")
    private Path model = Path.of("");

    @Option(
            names = "--input-size",
            paramLabel = "HxW",
            split = "x",
            description =
                    "height and width of the maps that the model takes, or the length of series, which zips of"
                            + " Deeplearning4j do not store; needed to count multiply-accumulates without data, and to read images")
    private @Nullable List<Integer> inputSize;

    LoadedModel load() {
        return sized(Models.load(model));
    }

    private LoadedModel sized(LoadedModel loaded) {
        return inputSize == null ? loaded : loaded.withInputSize(inputSize);
    }
}
