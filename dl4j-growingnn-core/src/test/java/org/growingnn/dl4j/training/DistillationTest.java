package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
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

    @Test
    void temperatures_and_weights_that_are_not_finite_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Distillation(Double.POSITIVE_INFINITY, 0.5))
                .withMessageContainingAll("temperature", "Infinity", "at most 100");
        assertThatIllegalArgumentException().isThrownBy(() -> new Distillation(Double.NaN, 0.5));
        assertThatIllegalArgumentException().isThrownBy(() -> new Distillation(2, Double.NaN));
    }

    /** Answers each step with its input, through a softmax. */
    private static ComputationGraph stepwise(RNNFormat format) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(3)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(format)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        model.init();
        model.setParam("out_W", Nd4j.eye(3));
        return model;
    }

    private static INDArray arranged(INDArray channelsFirst, RNNFormat format) {
        return format == RNNFormat.NCW
                ? channelsFirst
                : channelsFirst.permute(0, 2, 1).dup('c');
    }

    @Test
    void series_are_softened_along_their_classes_and_masked_steps_keep_their_labels() {
        INDArray logits = Nd4j.randn(2, 3, 3);
        INDArray labels = Nd4j.zeros(2, 3, 3);
        for (int example = 0; example < 2; example++) {
            for (int step = 0; step < 3; step++) {
                labels.putScalar(new int[] {example, (example + step) % 3, step}, 1);
            }
        }
        INDArray mask = Nd4j.createFromArray(new float[][] {{1, 1, 0}, {0, 1, 1}});
        for (RNNFormat format : RNNFormat.values()) {
            for (boolean ofFeatures : new boolean[] {false, true}) {
                INDArray[] masks = {mask};
                MultiDataSet batch = new MultiDataSet(
                        new INDArray[] {arranged(logits, format)},
                        new INDArray[] {arranged(labels, format)},
                        ofFeatures ? masks : null,
                        ofFeatures ? null : masks);
                INDArray mixed = arranged(
                        new Distillation(2, 0.6).distil(batch, stepwise(format)).getLabels(0), format);
                for (int example = 0; example < 2; example++) {
                    for (int step = 0; step < 3; step++) {
                        double sum = 0;
                        for (int k = 0; k < 3; k++) {
                            sum += Math.exp(logits.getDouble(example, k, step) / 2);
                        }
                        for (int k = 0; k < 3; k++) {
                            double label = labels.getDouble(example, k, step);
                            double answer = Math.exp(logits.getDouble(example, k, step) / 2) / sum;
                            assertThat(mixed.getDouble(example, k, step))
                                    .as("%s, class %s, step %s", format, k, step)
                                    .isCloseTo(
                                            mask.getInt(example, step) == 0 ? label : 0.6 * answer + 0.4 * label,
                                            within(1e-4));
                        }
                    }
                }
            }
        }
    }

    @Test
    void values_that_a_mask_excludes_keep_their_labels() {
        INDArray labels = Nd4j.zeros(1, 3, 2);
        INDArray mask = Nd4j.ones(1, 3, 2);
        mask.putScalar(new int[] {0, 1, 1}, 0);
        MultiDataSet batch = new MultiDataSet(
                new INDArray[] {Nd4j.zeros(1, 3, 2)}, new INDArray[] {labels}, null, new INDArray[] {mask});
        INDArray mixed =
                new Distillation(1, 1).distil(batch, stepwise(RNNFormat.NCW)).getLabels(0);
        assertThat(mixed.getDouble(0, 1, 1)).isZero();
        assertThat(mixed.getDouble(0, 0, 1)).isCloseTo(1.0 / 3, within(1e-4));
    }

    @Test
    void answers_are_those_of_the_batch_whatever_the_teacher_was_scored_on_before() {
        // What makes sequences of rows arranges them by the number of examples.
        ComputationGraph teacher = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .addLayer("dense", new DenseLayer.Builder().nOut(4).build(), "in")
                .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "dense")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(2))
                .build());
        teacher.init();
        MultiDataSet batch = new MultiDataSet(Nd4j.rand(6, 2, 4), Nd4j.zeros(6, 3, 4));
        MultiDataSet expected = (MultiDataSet) new Distillation(1, 1).distil(batch, teacher);
        teacher.score(new MultiDataSet(Nd4j.rand(3, 2, 4), Nd4j.zeros(3, 3, 4)));
        assertThat(new Distillation(1, 1).distil(batch, teacher)).isEqualTo(expected);
    }

    @Test
    void class_numbers_cannot_be_mixed() {
        MultiDataSet batch = new MultiDataSet(Nd4j.ones(2, 3), Nd4j.ones(2, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Distillation(1, 1).distil(batch, teacher(Activation.SOFTMAX)))
                .withMessageContainingAll("[2, 1]", "[2, 3]", "one-hot");
    }
}
