package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** How answers of networks are compared, against the definitions worked out number by number. */
class AnswerDivergenceTest {

    private final INDArray first = Nd4j.rand(new int[] {7, 4}, 12345).subi(0.5).muli(4);
    private final INDArray second = Nd4j.rand(new int[] {5, 4}, 54321).subi(0.5).muli(4);
    private final TrainingData data = TrainingData.of(List.of(unlabelled(first), unlabelled(second)));

    private static org.nd4j.linalg.dataset.api.MultiDataSet unlabelled(INDArray features) {
        return new MultiDataSet(new INDArray[] {features}, null);
    }

    private static MultiLayerNetwork model(Activation activation, LossFunction loss, long seed) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .l2(0.1)
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(6)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(loss)
                        .nOut(3)
                        .activation(activation)
                        .build())
                .setInputType(InputType.feedForward(4))
                .build());
        model.init();
        return model;
    }

    private AnswerDivergence from(MultiLayerNetwork model) {
        return AnswerDivergence.from(Dl4jGraphs.read(model), data, 0, 100, 1 << 20);
    }

    private interface Distance {
        double of(double original, double given);
    }

    private double mean(MultiLayerNetwork original, MultiLayerNetwork given, Distance distance) {
        double sum = 0;
        for (INDArray features : List.of(first, second)) {
            INDArray left = original.output(features);
            INDArray right = given.output(features);
            for (long i = 0; i < left.length(); i++) {
                sum += distance.of(left.getDouble(i), right.getDouble(i));
            }
        }
        return sum / 12;
    }

    @Test
    void distributions_are_compared_by_their_cross_entropy() {
        MultiLayerNetwork original = model(Activation.SOFTMAX, LossFunction.MCXENT, 1);
        MultiLayerNetwork other = model(Activation.SOFTMAX, LossFunction.MCXENT, 2);
        AnswerDivergence divergence = from(original);
        assertThat(divergence.of(Dl4jGraphs.read(other)))
                .isCloseTo(mean(original, other, (p, q) -> -p * Math.log(q)), within(1e-5));
        assertThat(divergence.of(Dl4jGraphs.read(original))).isLessThan(divergence.of(Dl4jGraphs.read(other)));
    }

    @Test
    void probabilities_are_compared_by_the_cross_entropy_of_each() {
        MultiLayerNetwork original = model(Activation.SIGMOID, LossFunction.XENT, 1);
        MultiLayerNetwork other = model(Activation.SIGMOID, LossFunction.XENT, 2);
        assertThat(from(original).of(Dl4jGraphs.read(other)))
                .isCloseTo(mean(original, other, (p, q) -> -p * Math.log(q) - (1 - p) * Math.log(1 - q)), within(1e-5));
    }

    @Test
    void numbers_are_compared_in_units_of_their_variance() {
        MultiLayerNetwork original = model(Activation.IDENTITY, LossFunction.MSE, 1);
        MultiLayerNetwork other = model(Activation.IDENTITY, LossFunction.MSE, 2);
        double mean = mean(original, other, (a, b) -> a) / 3;
        double variance = mean(original, other, (a, b) -> (a - mean) * (a - mean)) / 3;
        AnswerDivergence divergence = from(original);
        assertThat(divergence.of(Dl4jGraphs.read(other)))
                .isCloseTo(mean(original, other, (a, b) -> (a - b) * (a - b)) / variance, within(1e-4));
        assertThat(divergence.of(Dl4jGraphs.read(original))).isZero();
    }

    @Test
    void examples_are_those_behind_the_ones_to_leave_out_if_there_are_any() {
        MultiLayerNetwork original = model(Activation.IDENTITY, LossFunction.MSE, 1);
        NetworkGraph network = Dl4jGraphs.read(original);
        NetworkGraph other = Dl4jGraphs.read(model(Activation.IDENTITY, LossFunction.MSE, 2));
        double all = AnswerDivergence.from(network, data, 0, 100, 1 << 20).of(other);
        double head = AnswerDivergence.from(network, data, 0, 7, 1 << 20).of(other);
        double tail = AnswerDivergence.from(network, data, 1, 100, 1 << 20).of(other);
        assertThat(List.of(all, head, tail)).doesNotHaveDuplicates();
        assertThat(AnswerDivergence.from(network, data, 0, 100, 1).of(other)).isEqualTo(head);
        assertThat(AnswerDivergence.from(network, data, 2, 100, 1 << 20).of(other))
                .isEqualTo(all);
        assertThatThrownBy(() -> AnswerDivergence.from(network, TrainingData.of(List.of()), 0, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no examples");
    }

    @Test
    void so_few_examples_behind_those_to_leave_out_are_not_enough() {
        NetworkGraph network = Dl4jGraphs.read(model(Activation.IDENTITY, LossFunction.MSE, 1));
        NetworkGraph other = Dl4jGraphs.read(model(Activation.IDENTITY, LossFunction.MSE, 2));
        INDArray few = Nd4j.rand(new int[] {2, 4}, 7);
        TrainingData scarce = TrainingData.of(List.of(unlabelled(first), unlabelled(few)));
        assertThat(AnswerDivergence.from(network, scarce, 1, 100, 1 << 20).of(other))
                .isEqualTo(
                        AnswerDivergence.from(network, scarce, 0, 100, 1 << 20).of(other));
    }

    @Test
    void arrays_that_an_iterator_uses_again_are_kept_as_they_were() {
        NetworkGraph network = Dl4jGraphs.read(model(Activation.IDENTITY, LossFunction.MSE, 1));
        NetworkGraph other = Dl4jGraphs.read(model(Activation.IDENTITY, LossFunction.MSE, 2));
        INDArray used = first.dup();
        AnswerDivergence divergence =
                AnswerDivergence.from(network, TrainingData.of(List.of(unlabelled(used))), 0, 100, 1 << 20);
        double before = divergence.of(other);
        used.assign(0);
        assertThat(divergence.of(other)).isEqualTo(before);
    }

    @Test
    void steps_that_a_series_does_not_have_do_not_count() {
        for (Activation activation : List.of(Activation.SOFTMAX, Activation.SIGMOID, Activation.IDENTITY)) {
            NetworkGraph original = series(activation, 1);
            NetworkGraph other = series(activation, 2);
            INDArray features = Nd4j.rand(new int[] {3, 4, 6}, 5);
            INDArray mask = Nd4j.ones(3, 6);
            mask.get(NDArrayIndex.all(), NDArrayIndex.interval(4, 6)).assign(0);
            double whole = divergence(
                    original,
                    other,
                    features.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, 4))
                            .dup(),
                    null);
            double masked = divergence(original, other, features, mask);
            assertThat(masked).as("%s", activation).isCloseTo(whole, within(1e-4 * whole));
            assertThat(divergence(original, other, features, null)).isNotCloseTo(masked, within(1e-3 * whole));
        }
    }

    private static double divergence(NetworkGraph original, NetworkGraph other, INDArray features, INDArray mask) {
        INDArray[] masks = mask == null ? null : new INDArray[] {mask};
        TrainingData data = TrainingData.of(List.of(new MultiDataSet(new INDArray[] {features}, null, masks, null)));
        return AnswerDivergence.from(original, data, 0, 100, 1 << 20).of(other);
    }

    private static NetworkGraph series(Activation activation, long seed) {
        LossFunction loss = activation == Activation.SOFTMAX ? LossFunction.MCXENT : LossFunction.MSE;
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(new NormalDistribution(0, 1))
                .list()
                .layer(new LSTM.Builder().nOut(5).build())
                .layer(new RnnOutputLayer.Builder(loss)
                        .nOut(3)
                        .activation(activation)
                        .build())
                .setInputType(InputType.recurrent(4))
                .build());
        model.init();
        return Dl4jGraphs.read(model);
    }

    @Test
    void answers_that_are_no_numbers_are_as_far_as_can_be() {
        for (Activation activation : List.of(Activation.IDENTITY, Activation.SOFTMAX)) {
            LossFunction loss = activation == Activation.SOFTMAX ? LossFunction.MCXENT : LossFunction.MSE;
            MultiLayerNetwork broken = model(activation, loss, 2);
            broken.params().assign(Double.NaN);
            assertThat(from(model(activation, loss, 1)).of(Dl4jGraphs.read(broken)))
                    .isEqualTo(Double.POSITIVE_INFINITY);
        }
    }
}
