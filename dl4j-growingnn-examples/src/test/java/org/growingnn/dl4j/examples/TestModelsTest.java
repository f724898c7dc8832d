package org.growingnn.dl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class TestModelsTest {

    static final Iterable<String> NAMES = TestModels.NAMES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void is_the_file_of_the_manifest(String name) throws IOException {
        ModelManifest manifest = TestModels.manifest(name);
        assertThat(manifest.name()).isEqualTo(name);
        assertThat(manifest.sha256()).isEqualTo(ModelManifest.sha256(TestModels.file(name)));
        assertThat(manifest.dl4j()).isEqualTo("1.0.0-M2.1");
        assertThat(manifest.command()).contains(name);
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void has_the_parameters_of_its_architecture(String name) {
        Map<String, Integer> parameters = Map.of("mlp", 669_706, "lenet", 431_080, "rescnn", 152_922, "lstm", 130_442);
        Model model = restore(name);
        assertThat(model.numParams()).isEqualTo(parameters.get(name).longValue());
        assertThat(TestModels.manifest(name).parameters()).isEqualTo(model.numParams());
        assertThat(TestModels.manifest(name).type()).isEqualTo(model.getClass().getSimpleName());
        assertThat(model.paramTable().keySet())
                .isEqualTo(untrained(name).paramTable().keySet());
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void reaches_the_accuracy_of_the_manifest(String name) {
        ModelManifest manifest = TestModels.manifest(name);
        Evaluation[] evaluation =
                ((NeuralNetwork) restore(name)).doEvaluation(digits(name).test(500), new Evaluation(Mnist.CLASSES));
        assertThat(evaluation[0].accuracy()).isCloseTo(manifest.sliceTestAccuracy(), within(1e-3));
        Map<String, Double> floors = Map.of("mlp", 0.98, "lenet", 0.99, "rescnn", 0.985, "lstm", 0.98);
        assertThat(manifest.testAccuracy()).isGreaterThan(floors.get(name));
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void is_ready_for_further_training_at_a_constant_learning_rate(String name) {
        Model model = restore(name);
        Layer[] layers =
                model instanceof ComputationGraph graph ? graph.getLayers() : ((MultiLayerNetwork) model).getLayers();
        assertThat(layers).isNotEmpty();
        for (Layer layer : layers) {
            if (layer.conf().getLayer() instanceof BaseLayer conf && layer.numParams() > 0) {
                assertThat(conf.getIUpdater()).isEqualTo(new Adam(1e-3));
            }
        }
        assertThat(iterations(model)).isZero();
        ((NeuralNetwork) model).fit(digits(name).train(16, 1).next());
        assertThat(iterations(model)).isEqualTo(1);
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void is_described_in_the_table_of_the_readme(String name) throws IOException {
        ModelManifest manifest = TestModels.manifest(name);
        String readme = Files.readString(Repository.testModels("README.md"));
        String row = readme.lines()
                .filter(line -> line.startsWith("| `" + name + "` |"))
                .findFirst()
                .orElseThrow();
        assertThat(row)
                .contains(String.format(Locale.ROOT, "%,d", manifest.parameters()))
                .contains("| " + manifest.epochs() + " |")
                .contains(percent(manifest.trainAccuracy()))
                .contains(percent(manifest.testAccuracy()))
                .contains(percent(manifest.sliceTrainAccuracy()))
                .contains(percent(manifest.sliceTestAccuracy()));
        assertThat(readme).contains(manifest.sha256()).contains(manifest.dl4j());
    }

    private static String percent(double accuracy) {
        return String.format(Locale.ROOT, "| %.2f ", accuracy * 100);
    }

    private static Model restore(String name) {
        return switch (name) {
            case "mlp" -> TestModels.mlp();
            case "lenet" -> TestModels.lenet();
            case "rescnn" -> TestModels.rescnn();
            case "lstm" -> TestModels.lstm();
            default -> throw new AssertionError(name);
        };
    }

    private static Model untrained(String name) {
        return switch (name) {
            case "mlp" -> Architectures.mlp(1);
            case "lenet" -> Architectures.lenet(1);
            case "rescnn" -> Architectures.rescnn(1);
            case "lstm" -> Architectures.lstm(1);
            default -> throw new AssertionError(name);
        };
    }

    private static Mnist digits(String name) {
        return name.equals("lstm") ? Mnist.bundled().asSeries() : Mnist.bundled();
    }

    private static int iterations(Model model) {
        return model instanceof ComputationGraph graph
                ? graph.getConfiguration().getIterationCount()
                : ((MultiLayerNetwork) model).getLayerWiseConfigurations().getIterationCount();
    }

    @Test
    void of_series_takes_no_notice_of_masked_steps() {
        int steps = 20;
        INDArray series = Mnist.bundled().asSeries().test(8).next().getFeatures();
        INDArray prefix = series.get(all(), all(), interval(0, steps)).dup('c');
        INDArray mask = Nd4j.zeros(8, Mnist.STEPS);
        mask.get(all(), interval(0, steps)).assign(1);
        ComputationGraph model = TestModels.lstm();
        INDArray masked = model.output(false, new INDArray[] {series}, new INDArray[] {mask})[0].dup();
        model.clearLayerMaskArrays();
        assertThat(masked.equalsWithEps(model.outputSingle(prefix), 1e-5)).isTrue();
        assertThat(masked.equalsWithEps(model.outputSingle(series), 1e-2)).isFalse();
    }

    @Test
    void refuses_names_it_does_not_know() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestModels.file("alexnet"))
                .withMessageContaining("alexnet")
                .withMessageContaining("lenet");
        assertThatIllegalArgumentException().isThrownBy(() -> TestModels.manifest("../mlp"));
    }

    @Nested
    class RepositoryProperty {

        @Test
        void must_name_the_repository(@TempDir Path elsewhere) {
            String before = System.getProperty(Repository.PROPERTY);
            try {
                System.setProperty(Repository.PROPERTY, elsewhere.toString());
                assertThatIllegalStateException()
                        .isThrownBy(TestModels::mlp)
                        .withMessageContaining(Repository.PROPERTY)
                        .withMessageContaining(elsewhere.toString());
            } finally {
                if (before == null) {
                    System.clearProperty(Repository.PROPERTY);
                } else {
                    System.setProperty(Repository.PROPERTY, before);
                }
            }
        }
    }
}
