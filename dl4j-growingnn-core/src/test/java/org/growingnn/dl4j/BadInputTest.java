package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.score.Score;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** What a user may do wrong: each mistake gets an exception that names it, and the model stays as it was. */
class BadInputTest {

    private final ComputationGraph model = TestData.trainedGraph();

    private static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder().train(TestData.clouds(60, 20, 1)).generations(1);
    }

    private void assertRefused(StructureOptimizer.Builder builder, Model refused, String... parts) {
        List<String> before = TestData.jsonOf(model);
        assertThatThrownBy(() -> builder.build().optimize(refused))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(error -> assertThat(error.getMessage()).contains(parts));
        assertThat(TestData.jsonOf(model)).isEqualTo(before);
    }

    private static DataSetIterator data(Consumer<DataSet> change) {
        DataSet data = TestData.cloud(60, 1);
        change.accept(data);
        return new ListDataSetIterator<>(data.asList(), 20);
    }

    @Test
    void null_and_uninitialised_models() {
        assertRefused(optimizer(), null, "null");
        assertRefused(optimizer(), new MultiLayerNetwork(TestData.configuration(4)), "not initialised", "init()");
        assertRefused(optimizer(), new ComputationGraph(model.getConfiguration().clone()), "not initialised", "init()");
        assertThatThrownBy(() -> Dl4jGraphs.read(null)).hasMessageContaining("null");
    }

    @Test
    void a_model_without_an_output_layer() {
        MultiLayerNetwork features = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nOut(8).build())
                .layer(new DenseLayer.Builder().nOut(TestData.CLASSES).build())
                .setInputType(InputType.feedForward(TestData.FEATURES))
                .build());
        features.init();
        assertRefused(optimizer(), features, "layer1", "no output layer", "LossLayer");
    }

    @Test
    void no_resizable_layer() {
        MultiLayerNetwork linear = new MultiLayerNetwork(TestData.configuration());
        linear.init();
        assertRefused(optimizer(), linear, "No layer", "network output");
        assertRefused(optimizer().actions(Actions.neurons().exclude("layer0", "layer1")), model, "No layer", "layer0");
    }

    @Test
    void unknown_layer_names() {
        assertRefused(optimizer().actions(Actions.neurons().exclude("conv9")), model, "conv9", "layer0");
        assertThatThrownBy(() -> Dl4jGraphs.read(model).space("conv9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("conv9")
                .hasMessageContaining("layer0");
    }

    @Test
    void empty_data() {
        DataSetIterator empty = new ListDataSetIterator<>(List.<DataSet>of(), 20);
        assertRefused(StructureOptimizer.builder().train(empty), model, "training data is empty");
        assertRefused(optimizer().validation(empty), model, "validation data is empty");
    }

    @Test
    void too_little_data_to_train_and_grade_candidates() {
        DataSetIterator single = new ListDataSetIterator<>(
                new DataSet(Nd4j.rand(1, TestData.FEATURES), Nd4j.eye(3).getRow(0, true)).asList(), 20);
        assertRefused(
                StructureOptimizer.builder().train(single).validation(TestData.clouds(20, 20, 1)),
                model,
                "gradingShare",
                "too small");
    }

    @Test
    void data_without_labels() {
        DataSetIterator unlabelled =
                new ExistingDataSetIterator(List.of(new DataSet(Nd4j.rand(20, TestData.FEATURES), null)));
        assertRefused(StructureOptimizer.builder().train(unlabelled), model, "labels");
    }

    @Test
    void features_of_the_wrong_width() {
        DataSetIterator narrow = new ListDataSetIterator<>(
                new DataSet(Nd4j.rand(60, 5), Nd4j.eye(3).repeat(0, 20)).asList(), 20);
        assertRefused(StructureOptimizer.builder().train(narrow), model, "5 columns", "takes 6");
    }

    @Test
    void features_and_labels_that_are_not_numbers() {
        assertRefused(
                StructureOptimizer.builder().train(data(d -> d.getFeatures().putScalar(33, 2, Double.NaN))),
                model,
                "features",
                "'input'",
                "batch 1",
                "NaN");
        assertRefused(
                StructureOptimizer.builder().train(data(d -> d.getLabels().putScalar(5, 1, Double.POSITIVE_INFINITY))),
                model,
                "labels",
                "batch 0");
    }

    @Test
    void validation_data_is_checked_like_training_data() {
        assertRefused(
                optimizer().validation(data(d -> d.getLabels().putScalar(5, 1, Double.NaN))),
                model,
                "validation data",
                "labels",
                "batch 0");
        assertRefused(
                optimizer().validation(data(d -> d.setLabels(Nd4j.ones(60, 4)))),
                model,
                "Batch 0",
                "validation data",
                "4 columns",
                "3 units");
        assertRefused(
                StructureOptimizer.builder().train(data(d -> d.setFeatures(Nd4j.rand(60, 1, 2, 3)))),
                model,
                "training data",
                "[20, 1, 2, 3]",
                "dimensions");
    }

    @Test
    void parameters_that_are_not_numbers() {
        INDArray weights = model.getParam("layer1_W");
        weights.putScalar(3, 2, Float.NaN);
        assertRefused(optimizer(), model, "'W'", "'layer1'", "NaN");
    }

    @Test
    void a_loss_that_is_not_a_number_although_everything_else_is() {
        ComputationGraph infinite = TestData.trainedGraph();
        infinite.getParam("layer2_W").muli(1e38);
        infinite.getParam("layer1_W").muli(1e38);
        assertThatThrownBy(() -> optimizer().build().optimize(infinite))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loss");
    }

    @Test
    void iterators_that_cannot_be_reset() {
        DataSetIterator once = new ListDataSetIterator<>(TestData.cloud(60, 1).asList(), 20) {
            @Override
            public boolean resetSupported() {
                return false;
            }
        };
        assertThatThrownBy(() -> StructureOptimizer.builder().train(once)).hasMessageContaining("reset");
    }

    @Test
    void settings_out_of_range() {
        StructureOptimizer.Builder builder = StructureOptimizer.builder();
        assertThatThrownBy(builder::build).hasMessageContaining("train(iterator)");
        assertThatThrownBy(() -> builder.generations(0)).hasMessageContaining("generations (0)");
        assertThatThrownBy(() -> builder.epochsPerGeneration(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> builder.accuracyFloor(95)).hasMessageContaining("95");
        assertThatThrownBy(() -> builder.holdOut(0)).hasMessageContaining("holdOut");
        assertThatThrownBy(() -> builder.learningRate(0)).hasMessageContaining("learningRate");
        assertThatThrownBy(() -> builder.workers(0)).hasMessageContaining("workers");
        assertThatThrownBy(() -> builder.maxDrop(-0.1)).hasMessageContaining("maxDrop");
        assertThatThrownBy(() -> builder.score(null)).hasMessageContaining("score");
        assertThatThrownBy(() -> optimizer().score(Score.accuracy(0)).build().optimize(model))
                .hasMessageContaining("weights");
    }

    @Test
    void input_types_that_do_not_fit() {
        assertThatThrownBy(() -> Dl4jGraphs.read(model, InputType.feedForward(6), InputType.feedForward(6)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 inputs")
                .hasMessageContaining("2 input types");
        assertThatThrownBy(() -> Dl4jGraphs.read(model, InputType.feedForward(7)))
                .hasMessageContaining("[7, 40]");
    }
}
