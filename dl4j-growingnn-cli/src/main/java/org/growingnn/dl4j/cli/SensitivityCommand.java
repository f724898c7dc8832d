package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.Sensitivity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what each layer alone can lose. */
@Command(
        name = "sensitivity",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Narrows each layer alone, and tells what the model loses by it, as the weights are and with those"
                        + " behind the layer solved anew.",
        footer = {
            "",
            "The quality is measured on --test, else --validation, else --data. The table is Markdown.",
            "Example: growingnn sensitivity model.zip --data train.csv --test test.csv --label price --picture losses.svg"
        })
final class SensitivityCommand implements Callable<Integer> {

    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private LabelledDataOptions data = new LabelledDataOptions();

    @Mixin
    private MetricOption metric = new MetricOption();

    @Option(
            names = "--ratios",
            paramLabel = "SHARE",
            split = ",",
            description = "shares of each layer's units to remove; 0.1, 0.3, 0.5, 0.7 and 0.9 by default")
    private double[] ratios = {};

    @Option(
            names = "--projection",
            paramLabel = "NAME",
            defaultValue = "importance-taylor",
            description = "what chooses the units that stay (default: ${DEFAULT-VALUE})")
    private String projection = "importance-taylor";

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "where to write JSON; - prints it instead of the table")
    private @Nullable String json;

    @Option(
            names = "--picture",
            paramLabel = "FILE",
            description = "where to draw the quality of each layer against the share removed, *.png or *.svg")
    private @Nullable Path picture;

    @Option(names = "--force", description = "replace files that exist")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        Optional<SensitivityChart> chart =
                picture == null ? Optional.empty() : Optional.of(SensitivityChart.of(picture));
        if (picture != null) {
            OutputFile.requireWritable(picture, "--picture", force);
        }
        boolean printed = STANDARD_OUTPUT.equals(json);
        if (json != null && !printed) {
            OutputFile.requireWritable(Path.of(json), "--json", force);
        }
        GrowingnnCommand.prepare(spec);
        LoadedModel loaded = model.load();
        DataParts parts = data.load(loaded);
        Data calibration = parts.training()
                .orElseThrow(() -> new InputException("There is no data to judge the model by.\nMaybe add --data?"));
        loaded = loaded.withInputTypes(calibration.trainingData().inputTypes(loaded.network()));
        Grader grader = Grader.of(loaded, parts.judging().orElseThrow(), metric.metric());
        Sensitivity sensitivity = Sensitivity.of(
                loaded.model(),
                graph -> grader.measure(Dl4jGraphs.read(graph)).value(),
                calibration.trainingData(),
                projection,
                ratios);
        Console console = Console.of(spec);
        if (chart.isPresent()) {
            chart.get().write(sensitivity, grader.metric().name());
        }
        if (printed) {
            console.result(Json.text(Json.read(sensitivity.toJson())));
            return ExitCode.DONE;
        }
        if (json != null) {
            Files.writeString(Path.of(json), sensitivity.toJson() + "\n", StandardCharsets.UTF_8);
        }
        console.result("Quality: " + grader.metric().name() + " on " + grader.source() + " ("
                + TextTable.number(grader.examples()) + " examples); units stay by " + sensitivity.projection()
                + ".\n\n"
                + sensitivity.toMarkdown());
        return ExitCode.DONE;
    }
}
