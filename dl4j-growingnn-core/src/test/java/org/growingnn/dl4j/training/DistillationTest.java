package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class DistillationTest {

    /** Answers with its input, through the given function. */
    private static ComputationGraph teacher(Activation activation) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(
                                        activation == Activation.SOFTMAX ? LossFunction.MCXENT : LossFunction.MSE)
                                .nIn(3)
                                .nOut(3)
                                .activation(activation)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        model.init();
        model.setParam("out_W", Nd4j.eye(3));
        return model;
    }

    @Test
    void labels_are_mixed_with_the_teachers_answers_at_a_temperature() {
        INDArray logits =
                Nd4j.createFromArray(new double[][] {{4, 0, -2}, {1, 1, 3}}).castTo(Nd4j.dataType());
        INDArray labels =
                Nd4j.createFromArray(new double[][] {{1, 0, 0}, {0, 1, 0}}).castTo(Nd4j.dataType());

        MultiDataSet mixed = (MultiDataSet) new Distillation(2, 0.6)
                .distil(TrainingData.of(List.of(new MultiDataSet(logits, labels))), teacher(Activation.SOFTMAX))
                .iterator()
                .next();

        double[] expected = new double[6];
        for (int row = 0; row < 2; row++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) {
                sum += Math.exp(logits.getDouble(row, k) / 2);
            }
            for (int k = 0; k < 3; k++) {
                expected[3 * row + k] =
                        0.6 * Math.exp(logits.getDouble(row, k) / 2) / sum + 0.4 * labels.getDouble(row, k);
            }
        }
        assertThat(Models.values(mixed.getLabels(0)))
                .usingComparatorWithPrecision(1e-4)
                .containsExactly(expected);
        assertThat(mixed.getFeatures(0)).isEqualTo(logits);
    }

    @Test
    void what_is_no_probability_is_refused() {
        TrainingData data = TrainingData.of(List.of(new MultiDataSet(Nd4j.ones(2, 3), Nd4j.ones(2, 3))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Distillation(1, 1)
                        .distil(data, teacher(Activation.IDENTITY))
                        .iterator()
                        .next())
                .withMessageContaining("no class probabilities");
        assertThatIllegalArgumentException().isThrownBy(() -> new Distillation(0.5, 0.5));
        assertThatIllegalArgumentException().isThrownBy(() -> new Distillation(2, 0));
    }
}
