package org.growingnn.dl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.LabelSummary.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class MetricChoiceTest {

    private static NetworkGraph network(LossFunction loss, int units) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new OutputLayer.Builder(loss)
                        .name("out")
                        .nOut(units)
                        .activation(Activation.IDENTITY)
                        .build())
                .validateOutputLayerConfig(false)
                .setInputType(InputType.feedForward(2))
                .build());
        model.init();
        return Dl4jGraphs.read(model);
    }

    private static LabelSummary labels(Form form, int columns, long rows, Map<Integer, Long> counts) {
        return new LabelSummary("out", form, columns, rows, counts);
    }

    static Stream<Arguments> labelsAndMetrics() {
        return Stream.of(
                arguments(
                        LossFunction.MCXENT,
                        labels(Form.PROBABILITIES, 3, 90, Map.of(0, 40L, 1, 30L, 2, 20L)),
                        "accuracy"),
                arguments(
                        LossFunction.MCXENT,
                        labels(Form.PROBABILITIES, 3, 90, Map.of(0, 45L, 1, 38L, 2, 7L)),
                        "macro F1"),
                arguments(
                        LossFunction.SPARSE_MCXENT,
                        labels(Form.CLASS_NUMBERS, 1, 60, Map.of(0, 30L, 1, 30L)),
                        "accuracy"),
                arguments(LossFunction.XENT, labels(Form.ANSWERS, 1, 1000, Map.of(0, 400L)), "F1"),
                arguments(LossFunction.XENT, labels(Form.ANSWERS, 1, 1000, Map.of(0, 600L)), "F1 of class 0"),
                arguments(LossFunction.XENT, labels(Form.ANSWERS, 1, 1000, Map.of(0, 15L)), "AUC"),
                arguments(LossFunction.XENT, labels(Form.ANSWERS, 1, 1000, Map.of(0, 985L)), "AUC"),
                arguments(LossFunction.MSE, labels(Form.ANSWERS, 1, 1000, Map.of(0, 400L)), "F1"),
                arguments(LossFunction.XENT, labels(Form.ANSWERS, 5, 100, Map.of(0, 50L, 1, 70L)), "mean F1"),
                arguments(LossFunction.HINGE, labels(Form.ANSWERS, 3, 90, Map.of(0, 30L, 1, 30L, 2, 30L)), "accuracy"),
                arguments(LossFunction.HINGE, labels(Form.ANSWERS, 3, 90, Map.of(0, 50L, 1, 50L)), "mean F1"),
                arguments(LossFunction.MSE, labels(Form.NUMBERS, 3, 90, Map.of()), "R²"),
                arguments(LossFunction.XENT, labels(Form.NUMBERS, 64, 90, Map.of()), "pooled R²"),
                arguments(LossFunction.MCXENT, labels(Form.NUMBERS, 3, 90, Map.of()), "loss"),
                arguments(LossFunction.COSINE_PROXIMITY, labels(Form.NUMBERS, 3, 0, Map.of()), "loss"));
    }

    @ParameterizedTest
    @MethodSource("labelsAndMetrics")
    void loss_and_labels_decide(LossFunction loss, LabelSummary labels, String metric) {
        MetricChoice choice =
                MetricChoice.of(Metrics.automatic(), network(loss, labels.columns()), List.of(labels), false);
        assertThat(choice.metric().name()).isEqualTo(metric);
        assertThat(choice.reason()).isNotBlank();
    }

    @Test
    void who_speaks_of_accuracy_gets_it_for_classes_and_questions_and_is_refused_for_numbers() {
        LabelSummary rare = labels(Form.PROBABILITIES, 3, 90, Map.of(0, 45L, 1, 38L, 2, 7L));
        assertThat(MetricChoice.of(Metrics.automatic(), network(LossFunction.MCXENT, 3), List.of(rare), true)
                        .metric())
                .isEqualTo(Metrics.accuracy());
        LabelSummary answers = labels(Form.ANSWERS, 1, 1000, Map.of(0, 15L));
        assertThat(MetricChoice.of(Metrics.automatic(), network(LossFunction.XENT, 1), List.of(answers), true)
                        .metric())
                .isEqualTo(Metrics.accuracy());
        NetworkGraph numbers = network(LossFunction.MSE, 3);
        assertThatThrownBy(() -> MetricChoice.of(
                        Metrics.automatic(), numbers, List.of(labels(Form.NUMBERS, 3, 90, Map.of())), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("accuracy")
                .hasMessageContaining("R²")
                .hasMessageContaining("Score.metric");
    }

    @Test
    void labels_that_masks_exclude_altogether_are_refused_with_the_outputs_name() {
        NetworkGraph network = network(LossFunction.MCXENT, 3);
        LabelCount count = new LabelCount(network, "out");
        count.add(Nd4j.eye(3), Nd4j.zeros(3, 1));
        assertThatThrownBy(() -> MetricChoice.of(Metrics.automatic(), network, List.of(count.summary()), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'out'")
                .hasMessageContaining("masks");
    }

    @Test
    void a_metric_of_an_output_that_there_is_not_is_refused() {
        Metric metric = Metrics.forOutputs(new Metrics.ForOutput("aside", Metrics.r2(), 1));
        assertThatThrownBy(() -> MetricChoice.of(metric, network(LossFunction.MSE, 1), List.of(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'aside'")
                .hasMessageContaining("[out]");
    }
}
