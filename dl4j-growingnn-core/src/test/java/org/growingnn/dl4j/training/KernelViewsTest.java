package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.adapter.Weighing.Patches;
import org.growingnn.dl4j.adapter.Weighing.Window;
import org.growingnn.dl4j.graph.Signal.Format;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class KernelViewsTest {

    private static final int CHANNELS = 3;

    @ParameterizedTest
    @CsvSource({
        "Same, 1, 7, 1, 1, 0, 1",
        "Same, 7, 1, 1, 1, 0, 1",
        "Same, 3, 3, 1, 1, 0, 1",
        "Same, 3, 3, 2, 2, 0, 1",
        "Same, 2, 4, 1, 1, 0, 1",
        "Same, 3, 5, 3, 2, 0, 1",
        "Same, 3, 3, 1, 1, 0, 2",
        "Same, 9, 9, 1, 1, 0, 2",
        "Truncate, 3, 3, 1, 1, 0, 1",
        "Truncate, 3, 2, 2, 1, 0, 1",
        "Truncate, 3, 3, 2, 2, 1, 1",
        "Truncate, 5, 4, 1, 3, 2, 1",
        "Truncate, 3, 2, 1, 1, 1, 2"
    })
    void what_kernels_see_times_their_weights_is_what_deeplearning4j_computes(
            ConvolutionMode mode, int height, int width, int down, int right, int padding, int dilation) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            for (int[] extents : new int[][] {{8, 7}, {9, 6}, {12, 11}}) {
                ConvolutionLayer layer = new ConvolutionLayer.Builder(height, width)
                        .stride(down, right)
                        .padding(padding, padding)
                        .dilation(dilation, dilation)
                        .convolutionMode(mode)
                        .nOut(40)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build();
                MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                        .seed(1)
                        .dataType(type)
                        .list(layer)
                        .setInputType(InputType.convolutional(extents[0], extents[1], CHANNELS))
                        .build());
                model.init();
                INDArray maps = Nd4j.rand(type, 2, CHANNELS, extents[0], extents[1]);
                INDArray output = model.output(maps);
                KernelViews views = KernelViews.of(
                        new Patches(
                                Format.CHANNELS_FIRST,
                                new Window(height, down, padding, dilation),
                                new Window(width, right, padding, dilation),
                                mode),
                        maps);
                int positions = (int) (output.size(2) * output.size(3));
                assertThat(views.positions()).isEqualTo(positions);
                int[] all = IntStream.range(0, positions).toArray();
                int[] some = IntStream.range(0, positions)
                        .filter(position -> position % 3 != 1)
                        .toArray();
                INDArray weights = model.getParam("0_W").dup('c').reshape('c', 40, views.features());
                for (int image = 0; image < 2; image++) {
                    INDArray one = maps.slice(image).reshape(1, CHANNELS, extents[0], extents[1]);
                    INDArray seen = views.rows(one, all);
                    INDArray expected = output.slice(image).dup('c').reshape('c', 40, positions);
                    assertThat(seen.dataType()).isEqualTo(type);
                    assertThat(weights.mmul(seen.transpose()).equalsWithEps(expected, 1e-4))
                            .isTrue();
                    double[][] rows = seen.toDoubleMatrix();
                    assertThat(views.rows(one, some).toDoubleMatrix())
                            .isDeepEqualTo(
                                    Arrays.stream(some).mapToObj(i -> rows[i]).toArray(double[][]::new));
                }
            }
        }
    }
}
