package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.StructureOptimizer;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** What Deeplearning4j imports from Keras can be fine-tuned, shrunk and trained on. */
class FineTuneKerasTest {

    private static final int FROZEN = 0;

    private static DataSet digits(int count) {
        return FineTuneKeras.channelsLast(Mnist.bundled().test(count)).next();
    }

    private static DataSetIterator batches() {
        return new ListDataSetIterator<>(digits(96).asList(), 32);
    }

    @Test
    void the_bundled_network_knows_the_digits_it_was_trained_on() throws Exception {
        DataSet test = MakeKerasModel.smallDigits(digits(500));

        assertThat(MakeKerasModel.accuracy(FineTuneKeras.imported(), test)).isGreaterThan(0.98);
    }

    @Test
    void an_import_trains_once_it_was_read_and_written_and_stays_as_it_is_itself() throws Exception {
        MultiLayerNetwork imported = FineTuneKeras.imported();
        String given = imported.getLayerWiseConfigurations().toJson();
        INDArray parameters = imported.params().dup();
        DataSet few = MakeKerasModel.smallDigits(digits(16));

        MultiLayerNetwork trainable = Dl4jGraphs.toMultiLayerNetwork(Dl4jGraphs.read(imported));
        assertThat(trainable.output(few.getFeatures())).isEqualTo(imported.output(few.getFeatures()));
        trainable.fit(few);

        assertThat(trainable.params()).isNotEqualTo(parameters);
        assertThat(imported.params()).isEqualTo(parameters);
        assertThat(imported.getLayerWiseConfigurations().toJson()).isEqualTo(given);
        assertThatThrownBy(() -> FineTuneKeras.imported().fit(few))
                .as("the premise: plain Deeplearning4j")
                .hasStackTraceContaining("Op [multiply] execution failed");
    }

    @Test
    void an_import_is_fine_tuned_pruned_and_trained_on_while_what_is_frozen_stays_bit_by_bit() throws Exception {
        // The import as it is: what its dropout prevents in plain Deeplearning4j works on what is written.
        MultiLayerNetwork tuned = FineTuneKeras.tenDigits(FineTuneKeras.imported(), 1);
        Map<String, float[]> frozen = frozen(tuned.getLayer(FROZEN));

        PruningResult pruned = StructuralPruner.to(PruningTarget.reduction(0.8))
                .calibrate(batches())
                .rounds(2, (live, round, rounds) -> live.fit(batches()))
                .prune(tuned);
        ComputationGraph small = pruned.graph();
        small.fit(batches());

        assertThat(small.numParams()).isLessThanOrEqualTo(tuned.numParams() / 5);
        assertThat(pruned.kept()).containsKeys("shapes", "features").doesNotContainKey("edges");
        assertThat(frozen(small.getLayer("edges")))
                .containsOnlyKeys(frozen.keySet())
                .allSatisfy((key, values) -> assertThat(values).containsExactly(frozen.get(key)));
    }

    @Test
    void a_run_shrinks_an_import() throws Exception {
        OptimizationResult result = StructureOptimizer.builder()
                .train(batches())
                .validation(batches())
                .generations(1)
                .simulation(new SimulationSettings(32, 0.5, 1, 16))
                .maxDrop(1)
                .build()
                .optimize(FineTuneKeras.tenDigits(FineTuneKeras.imported(), 1));

        assertThat(result.status()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(result.parameters()).isLessThan(result.initialParameters());
    }

    @Test
    void a_file_that_was_written_is_imported_with_the_same_weights(@TempDir Path directory) throws Exception {
        Map<String, Map<String, INDArray>> weights = new LinkedHashMap<>();
        weights.put("edges", Map.of("kernel", Nd4j.rand(3, 3, 1, 16), "bias", Nd4j.rand(16)));
        weights.put("shapes", Map.of("kernel", Nd4j.rand(3, 3, 16, 32), "bias", Nd4j.rand(32)));
        weights.put("features", Map.of("kernel", Nd4j.rand(800, 64), "bias", Nd4j.rand(64)));
        weights.put("small_digits", Map.of("kernel", Nd4j.rand(64, 5), "bias", Nd4j.rand(5)));
        Path file = directory.resolve("model.h5");

        KerasFile.write(
                file,
                MakeKerasModel.resource("/keras-digits.json"),
                MakeKerasModel.resource("/keras-training.json"),
                weights);

        Map<String, INDArray> read = KerasModelImport.importKerasSequentialModelAndWeights(file.toString())
                .paramTable();
        assertThat(read.get("0_W").permute(2, 3, 1, 0).dup())
                .isEqualTo(weights.get("edges").get("kernel"));
        assertThat(read.values().stream()
                        .mapToDouble(a -> a.sumNumber().doubleValue())
                        .sum())
                .isCloseTo(
                        weights.values().stream()
                                .flatMap(layer -> layer.values().stream())
                                .mapToDouble(a -> a.sumNumber().doubleValue())
                                .sum(),
                        within(1.0));
        assertThat(Arrays.asList(read.keySet().toArray())).hasSize(8);
    }

    private static Map<String, float[]> frozen(Layer layer) {
        Map<String, float[]> values = new LinkedHashMap<>();
        layer.paramTable()
                .forEach((key, array) -> values.put(key, array.dup('c').data().asFloat()));
        return values;
    }
}
