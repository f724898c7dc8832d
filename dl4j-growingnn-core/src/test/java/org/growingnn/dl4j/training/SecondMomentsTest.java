package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class SecondMomentsTest {

    private static final int EXAMPLES = 7;

    /** Kernels of one position and dense layers take just the units that arrive, whose products are computed once for both. */
    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void moments_of_features_and_units_are_those_of_the_activations(CNN2DFormat format) {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("wide", convolution(3, 6, format), "in")
                .addLayer("point", convolution(1, 5, format), "wide")
                .addLayer(
                        "norm",
                        new BatchNormalization.Builder().dataFormat(format).build(),
                        "point")
                .addLayer("again", convolution(1, 4, format), "norm")
                .addLayer("pool", new GlobalPoolingLayer(), "again")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "pool")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(5, 4, 2, format))
                .build());
        model.init();
        INDArray features = Nd4j.rand(
                DataType.DOUBLE,
                format == CNN2DFormat.NCHW ? new long[] {EXAMPLES, 2, 5, 4} : new long[] {EXAMPLES, 5, 4, 2});
        Map<String, INDArray> activations = model.feedForward(features, false);

        Calibration found = new Calibrator()
                .momentsOnly()
                .calibrate(
                        Dl4jGraphs.read(model),
                        TrainingData.of(List.of(batch(features, 0, 3), batch(features, 3, EXAMPLES))))
                .calibration()
                .orElseThrow();

        for (Map.Entry<String, String> entry : Map.of("point", "wide", "again", "norm", "dense", "pool", "out", "dense")
                .entrySet()) {
            double[][] rows = rows(activations.get(entry.getValue()), format);
            Calibration.Moments moments = found.moments().get(entry.getKey());
            assertThat(moments.rows()).isEqualTo(rows.length);
            assertThat(moments.matrix()).as(entry.getKey()).containsExactly(means(rows), within(1e-9));
        }
        assertThat(found.activations()).containsKeys("wide", "point", "norm", "pool", "dense");
        found.activations().forEach((name, units) -> {
            double[][] rows = rows(name.equals("in") ? features : activations.get(name), format);
            double[] expected = means(rows);
            int width = units.size() + 1;
            for (int i = 0; i < units.size(); i++) {
                assertThat(units.mean()[i]).as(name).isEqualTo(expected[i * width + units.size()], within(1e-9));
                for (int j = 0; j < units.size(); j++) {
                    assertThat(units.product(i, j)).as(name).isEqualTo(expected[i * width + j], within(1e-9));
                }
            }
        });
    }

    /** More features than BLAS multiplies at once, and zeros around the maps on all sides. */
    @Test
    void layers_with_kernels_of_the_same_kind_share_moments_of_what_deeplearning4j_lets_them_see() {
        int channels = 31;
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("one", same(3, 4), "in")
                .addLayer("other", same(3, 5), "in")
                .addLayer("wider", same(5, 2), "in")
                .addVertex("merged", new MergeVertex(), "one", "other", "wider")
                .addLayer("pool", new GlobalPoolingLayer(), "merged")
                .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(5, 4, channels))
                .build());
        model.init();
        INDArray features = Nd4j.rand(DataType.DOUBLE, EXAMPLES, channels, 5, 4);

        NetworkGraph calibrated = new Calibrator()
                .momentsOnly()
                .calibrate(
                        Dl4jGraphs.read(model),
                        TrainingData.of(List.of(batch(features, 0, 3), batch(features, 3, EXAMPLES))));

        Calibration found = calibrated.calibration().orElseThrow();
        Calibration.Moments one = found.moments().get("one");
        assertThat(one.rows()).isEqualTo(EXAMPLES * 20);
        assertThat(one.matrix()).containsExactly(means(patches(features, 3)), within(1e-9));
        assertThat(found.moments().get("other").matrix()).isSameAs(one.matrix());
        assertThat(found.moments().get("wider").features()).isEqualTo(25 * channels);
        assertThat(found.moments().keySet()).containsExactlyElementsOf(List.of("one", "other", "wider", "out"));
    }

    @Test
    void layers_that_share_moments_do_so_when_units_in_front_are_removed() {
        ComputationGraph model = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("front", same(3, 6), "in")
                .addLayer("one", same(1, 4), "front")
                .addLayer("other", same(1, 5), "front")
                .addVertex("merged", new MergeVertex(), "one", "other")
                .addLayer("pool", new GlobalPoolingLayer(), "merged")
                .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(5, 4, 2))
                .build());
        model.init();
        NetworkGraph calibrated = new Calibrator()
                .momentsOnly()
                .calibrate(
                        Dl4jGraphs.read(model),
                        TrainingData.of(List.of(new MultiDataSet(Nd4j.rand(DataType.DOUBLE, 3, 2, 5, 4), null))));
        double[] before =
                calibrated.calibration().orElseThrow().moments().get("one").matrix();
        int[] kept = {1, 2, 5};

        Map<String, Calibration.Moments> found = Resizer.resize(
                        calibrated, Map.of("front", UnitMap.selection(6, kept)), false)
                .calibration()
                .orElseThrow()
                .moments();

        double[] after = found.get("one").matrix();
        int[] left = {1, 2, 5, 6};
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                assertThat(after[i * 4 + j]).isEqualTo(before[left[i] * 7 + left[j]]);
            }
        }
        assertThat(found.get("other").matrix()).isSameAs(after);
    }

    private static ConvolutionLayer same(int kernel, int units) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(units)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.TANH)
                .build();
    }

    /** What kernels of odd size see around each position. */
    private static double[][] patches(INDArray maps, int kernel) {
        List<double[]> rows = new ArrayList<>();
        int channels = (int) maps.size(1);
        int height = (int) maps.size(2);
        int width = (int) maps.size(3);
        for (int image = 0; image < maps.size(0); image++) {
            for (int position = 0; position < height * width; position++) {
                double[] row = new double[channels * kernel * kernel];
                for (int i = 0; i < row.length; i++) {
                    int y = position / width + i / kernel % kernel - kernel / 2;
                    int x = position % width + i % kernel - kernel / 2;
                    row[i] = y < 0 || y >= height || x < 0 || x >= width
                            ? 0
                            : maps.getDouble(image, i / (kernel * kernel), y, x);
                }
                rows.add(row);
            }
        }
        return rows.toArray(double[][]::new);
    }

    private static ConvolutionLayer convolution(int kernel, int units, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(units)
                .activation(Activation.TANH)
                .dataFormat(format)
                .build();
    }

    private static MultiDataSet batch(INDArray features, int from, int to) {
        return new MultiDataSet(
                features.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(from, to))
                        .dup('c'),
                null);
    }

    private static double[][] rows(INDArray array, CNN2DFormat format) {
        if (array.rank() == 2) {
            return array.toDoubleMatrix();
        }
        INDArray last = format == CNN2DFormat.NCHW ? array.permute(0, 2, 3, 1) : array;
        long units = last.size(3);
        return last.dup('c').reshape('c', last.length() / units, units).toDoubleMatrix();
    }

    /** Means of products of a row's values and a 1 behind them. */
    private static double[] means(double[][] rows) {
        int width = rows[0].length + 1;
        double[] means = new double[width * width];
        for (double[] row : rows) {
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    means[i * width + j] += (i < row.length ? row[i] : 1) * (j < row.length ? row[j] : 1) / rows.length;
                }
            }
        }
        return means;
    }
}
