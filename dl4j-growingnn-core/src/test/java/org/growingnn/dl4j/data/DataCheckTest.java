package org.growingnn.dl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.LabelSummary;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMixtureDensity;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

class DataCheckTest {

    private static NetworkGraph network(InputType type, Layer... layers) {
        NeuralNetConfiguration.ListBuilder builder =
                new NeuralNetConfiguration.Builder().seed(1).list();
        for (Layer layer : layers) {
            builder.layer(layer);
        }
        MultiLayerNetwork model =
                new MultiLayerNetwork(builder.setInputType(type).build());
        model.init();
        return ModelReader.read(model, List.of());
    }

    /** Six features, three classes. */
    private static NetworkGraph flat(ILossFunction loss, int outputs) {
        return network(
                InputType.feedForward(6),
                new DenseLayer.Builder().nOut(5).build(),
                new OutputLayer.Builder(loss)
                        .nOut(outputs)
                        .activation(outputs == 3 ? Activation.SOFTMAX : Activation.IDENTITY)
                        .build());
    }

    private static NetworkGraph flat() {
        return flat(new LossMCXENT(), 3);
    }

    /** Two values per step, three classes per step. */
    private static NetworkGraph series(RNNFormat format, ILossFunction loss) {
        return network(
                InputType.recurrent(2, format),
                new LSTM.Builder().nOut(4).dataFormat(format).build(),
                new RnnOutputLayer.Builder(loss)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .dataFormat(format)
                        .build());
    }

    private static NetworkGraph maps() {
        return network(
                InputType.convolutional(8, 8, 1),
                new ConvolutionLayer.Builder(3, 3).nOut(4).build(),
                new GlobalPoolingLayer.Builder().build(),
                new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build());
    }

    private static MultiDataSet batch(INDArray features, INDArray labels) {
        return new MultiDataSet(features, labels);
    }

    private static MultiDataSet good(int rows) {
        INDArray labels = Nd4j.zeros(rows, 3);
        IntStream.range(0, rows).forEach(i -> labels.putScalar(i, i % 3, 1));
        return batch(Nd4j.rand(rows, 6), labels);
    }

    private static TrainingData data(MultiDataSet... batches) {
        return TrainingData.of(new ArrayList<>(List.of(batches)));
    }

    private static void assertRefused(NetworkGraph network, MultiDataSet batch, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data(batch).named("validation data").check(network))
                .satisfies(error -> assertThat(error.getMessage())
                        .contains("atch 0", "validation data", "Maybe")
                        .contains(parts));
    }

    private static void assertTrains(NetworkGraph network, MultiDataSet batch) {
        assertThatCode(() -> data(batch, batch).check(network)).doesNotThrowAnyException();
    }

    @Test
    void what_was_counted_is_told() {
        DataSummary summary = data(good(10), good(10), good(4)).check(flat());
        assertThat(summary)
                .isEqualTo(new DataSummary(
                        3,
                        24,
                        4,
                        10,
                        Map.of(0, 10L, 1, 7L, 2, 7L),
                        List.of(new LabelSummary(
                                "layer1", LabelSummary.Form.PROBABILITIES, 3, 24, Map.of(0, 10L, 1, 7L, 2, 7L)))));
        assertThat(data(batch(Nd4j.rand(9, 6), Nd4j.rand(9, 3).addi(1)))
                        .check(flat(LossFunction.MSE.getILossFunction(), 3))
                        .classes())
                .isEmpty();
    }

    @Test
    void the_data_and_the_batch_are_named_wherever_the_fault_is() {
        MultiDataSet spoilt = good(5);
        spoilt.getLabels(0).putScalar(3, 1, Double.NaN);
        TrainingData data = data(good(5), good(5), spoilt);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.named("validation data").check(flat()))
                .withMessageContainingAll("labels of output", "batch 2", "validation data", "NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.named("training data").check(flat()))
                .withMessageContaining("training data");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data(
                                good(5), batch(Nd4j.rand(5, 7), Nd4j.eye(5).getColumns(0, 1, 2)))
                        .check(flat()))
                .withMessageContainingAll("Batch 1", "7 columns", "takes 6");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data(good(5), batch(Nd4j.rand(5, 6, 1), Nd4j.rand(5, 3)))
                        .check(flat()))
                .withMessageContainingAll("Batch 1", "[5, 6, 1]");
    }

    @Test
    void labels_of_another_number_of_classes() {
        assertRefused(flat(), batch(Nd4j.rand(4, 6), Nd4j.eye(4)), "4 columns", "3 units", "classes");
        assertRefused(flat(), batch(Nd4j.rand(4, 6), Nd4j.zeros(4, 1)), "1 columns", "3 units", "class numbers");
    }

    @Test
    void labels_of_another_kind() {
        assertRefused(flat(), batch(Nd4j.rand(4, 6), Nd4j.ones(4, 3, 2)), "[4, 3, 2]", "2 dimensions");
        assertRefused(
                series(RNNFormat.NCW, new LossMCXENT()),
                batch(Nd4j.rand(4, 2, 5), Nd4j.ones(4, 3, 5, 1)),
                "[4, 3, 5, 1]");
        assertRefused(
                series(RNNFormat.NWC, new LossMCXENT()),
                batch(Nd4j.rand(4, 5, 2), Nd4j.ones(4, 3, 5)),
                "[4, 3, 5]",
                "3 units",
                "order");
        assertRefused(
                series(RNNFormat.NCW, new LossMCXENT()), batch(Nd4j.rand(4, 2, 5), Nd4j.ones(4, 3, 6)), "[4, 3, 6]");
    }

    @Test
    void features_of_another_kind() {
        assertRefused(flat(), batch(Nd4j.rand(4, 1, 2, 3), Nd4j.ones(4, 3)), "features of input", "[4, 1, 2, 3]", "2");
        assertRefused(maps(), batch(Nd4j.rand(4, 64), Nd4j.ones(4, 2)), "[4, 64]", "4");
        assertRefused(maps(), batch(Nd4j.rand(4, 8, 8, 1), Nd4j.ones(4, 2)), "8 channels", "takes 1");
    }

    @Test
    void rows_that_do_not_pair_up() {
        assertRefused(flat(), batch(Nd4j.rand(4, 6), Nd4j.ones(5, 3)), "5 rows", "4");
        assertRefused(
                flat(),
                new MultiDataSet(
                        new INDArray[] {Nd4j.rand(4, 6)}, new INDArray[] {Nd4j.ones(4, 3)}, null, new INDArray[] {
                            Nd4j.ones(3, 1)
                        }),
                "mask",
                "[3, 1]");
    }

    @Test
    void masks_of_another_length() {
        for (RNNFormat format : RNNFormat.values()) {
            boolean last = format == RNNFormat.NWC;
            INDArray features = last ? Nd4j.rand(4, 5, 2) : Nd4j.rand(4, 2, 5);
            INDArray labels = last ? Nd4j.ones(4, 5, 3) : Nd4j.ones(4, 3, 5);
            INDArray[] masks = {Nd4j.ones(4, 5)};
            INDArray[] wrong = {Nd4j.ones(4, 6)};
            NetworkGraph network = series(format, new LossMCXENT());
            assertRefused(
                    network,
                    new MultiDataSet(new INDArray[] {features}, new INDArray[] {labels}, wrong, null),
                    "mask of the features",
                    "[4, 6]");
            assertRefused(
                    network,
                    new MultiDataSet(new INDArray[] {features}, new INDArray[] {labels}, null, wrong),
                    "mask of the labels",
                    "[4, 6]");
            assertTrains(network, new MultiDataSet(new INDArray[] {features}, new INDArray[] {labels}, masks, masks));
        }
    }

    @Test
    void missing_and_empty_arrays() {
        assertRefused(flat(), new MultiDataSet(new INDArray[] {null}, new INDArray[] {Nd4j.ones(4, 3)}), "features");
        assertRefused(flat(), new MultiDataSet(new INDArray[] {Nd4j.rand(4, 6)}, new INDArray[] {null}), "labels");
        assertRefused(flat(), new MultiDataSet(new INDArray[] {Nd4j.rand(4, 6)}, null), "labels");
        assertRefused(flat(), batch(Nd4j.empty(), Nd4j.ones(4, 3)), "features", "holds nothing");
        assertRefused(
                flat(),
                new MultiDataSet(new INDArray[] {Nd4j.rand(4, 6), Nd4j.rand(4, 6)}, new INDArray[] {Nd4j.ones(4, 3)}),
                "2 arrays of features",
                "1 inputs");
    }

    @Test
    void class_numbers_train_the_loss_that_takes_them_and_no_other() {
        INDArray numbers = Nd4j.createFromArray(0f, 1f, 2f, 1f).reshape(4, 1);
        NetworkGraph sparse = flat(new LossSparseMCXENT(), 3);
        assertTrains(sparse, batch(Nd4j.rand(4, 6), numbers));
        MultiDataSet four = batch(Nd4j.rand(4, 6), numbers);
        assertThat(data(four, four).check(sparse).classes()).isEqualTo(Map.of(0, 2L, 1, 4L, 2, 2L));
        assertRefused(flat(), batch(Nd4j.rand(4, 6), numbers), "1 columns", "class numbers");
        assertRefused(sparse, batch(Nd4j.rand(4, 6), numbers.add(1)), "class number 3", "3 units", "from 1");
        assertRefused(sparse, batch(Nd4j.rand(4, 6), Nd4j.ones(4, 3)), "[4, 3]", "one class number");
        assertTrains(series(RNNFormat.NCW, new LossSparseMCXENT()), batch(Nd4j.rand(4, 2, 5), Nd4j.ones(4, 1, 5)));
    }

    @Test
    void losses_whose_labels_are_narrower_than_the_output_pass() {
        ILossFunction mixture =
                LossMixtureDensity.builder().gaussians(2).labelWidth(3).build();
        assertTrains(flat(mixture, 10), batch(Nd4j.rand(4, 6), Nd4j.rand(4, 3)));
    }

    @Test
    void boxes_pass() {
        NetworkGraph yolo = network(
                InputType.convolutional(4, 4, 2),
                new ConvolutionLayer.Builder(1, 1).nOut(2 * (5 + 3)).build(),
                new Yolo2OutputLayer.Builder()
                        .boundingBoxPriors(Nd4j.create(new double[][] {{1, 1}, {2, 2}}))
                        .build());
        INDArray labels = Nd4j.zeros(1, 4 + 3, 4, 4);
        assertTrains(yolo, batch(Nd4j.rand(1, 2, 4, 4), labels));
    }

    @Test
    void images_of_different_sizes_and_maps_of_labels_pass() {
        assertThatCode(() -> data(
                                batch(Nd4j.rand(3, 1, 8, 8), Nd4j.eye(3).getColumns(0, 1)),
                                batch(Nd4j.rand(1, 1, 12, 10), Nd4j.eye(2).getRow(0, true)))
                        .check(maps()))
                .doesNotThrowAnyException();
        NetworkGraph pixels = network(
                InputType.convolutional(6, 6, 1),
                new ConvolutionLayer.Builder(1, 1).nOut(2).build(),
                new CnnLossLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .build());
        assertTrains(pixels, batch(Nd4j.rand(2, 1, 6, 6), Nd4j.ones(2, 2, 6, 6)));
        assertRefused(pixels, batch(Nd4j.rand(2, 1, 6, 6), Nd4j.ones(2, 3, 6, 6)), "3 columns", "2 units");
        assertRefused(pixels, batch(Nd4j.rand(2, 1, 6, 6), Nd4j.ones(2, 2, 5, 6)), "[2, 2, 5, 6]");
    }

    @Test
    void nothing_at_all() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data().named("validation data").check(flat()))
                .withMessageContaining("validation data is empty");
    }

    @Test
    void whole_numbers_of_which_few_are_equal_are_no_classes() {
        NetworkGraph network = flat(new LossMSE(), 1);
        INDArray numbers = Nd4j.arange(40).reshape(40, 1).castTo(DataType.FLOAT);
        assertThat(data(batch(Nd4j.rand(40, 6), numbers)).check(network).classes())
                .isEmpty();
        assertThat(data(batch(Nd4j.rand(40, 6), Transforms.floor(numbers.div(20))))
                        .check(network)
                        .classes())
                .isEqualTo(Map.of(0, 20L, 1, 20L));
    }
}
