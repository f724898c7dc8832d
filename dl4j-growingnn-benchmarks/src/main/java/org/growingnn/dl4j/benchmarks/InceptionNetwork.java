package org.growingnn.dl4j.benchmarks;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * InceptionV3 with random weights: the blocks and widths of Szegedy et al. (2016) as in Keras, without the auxiliary classifier; 94
 * convolutions, each in front of a batch norm, and 23.9 million parameters for 1,000 classes.
 */
final class InceptionNetwork {

    private static final ConvolutionMode SAME = ConvolutionMode.Same;
    private static final ConvolutionMode VALID = ConvolutionMode.Truncate;

    private final GraphBuilder builder;
    private int convolutions;

    private InceptionNetwork(GraphBuilder builder) {
        this.builder = builder;
    }

    /**
     * Makes the network.
     *
     * @param size height and width of its images, ≥ 75
     */
    static ComputationGraph of(int size, int classes) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .weightInit(WeightInit.RELU)
                .graphBuilder()
                .addInputs("in");
        InceptionNetwork network = new InceptionNetwork(builder);
        builder.addLayer(
                        "pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), network.blocks(network.stem()))
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(classes)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(size, size, 3, CNN2DFormat.NCHW));
        ComputationGraph model = new ComputationGraph(builder.build());
        model.init();
        return model;
    }

    private String stem() {
        String first = convolution("in", 32, 3, 3, 2, VALID);
        String third = convolution(convolution(first, 32, 3, 3, 1, VALID), 64, 3, 3, 1, SAME);
        String fifth = convolution(convolution(maximum("stem1", third), 80, 1, 1, 1, VALID), 192, 3, 3, 1, VALID);
        return maximum("stem2", fifth);
    }

    private String blocks(String stem) {
        String last = stem;
        int number = 0;
        for (int pooled : new int[] {32, 64, 64}) {
            last = merge(
                    number++,
                    point(last, 64),
                    convolution(point(last, 48), 64, 5, 5, 1, SAME),
                    convolution(convolution(point(last, 64), 96, 3, 3, 1, SAME), 96, 3, 3, 1, SAME),
                    point(average(number, last), pooled));
        }
        last = merge(
                number++,
                convolution(last, 384, 3, 3, 2, VALID),
                convolution(convolution(point(last, 64), 96, 3, 3, 1, SAME), 96, 3, 3, 2, VALID),
                maximum("block3", last));
        for (int width : new int[] {128, 160, 160, 192}) {
            String shorter = row(point(last, width), width);
            String longer = column(row(column(point(last, width), width), width), width);
            last = merge(
                    number++,
                    point(last, 192),
                    column(shorter, 192),
                    row(longer, 192),
                    point(average(number, last), 192));
        }
        last = merge(
                number++,
                convolution(point(last, 192), 320, 3, 3, 2, VALID),
                convolution(column(row(point(last, 192), 192), 192), 192, 3, 3, 2, VALID),
                maximum("block8", last));
        for (int i = 0; i < 2; i++) {
            String shorter = point(last, 384);
            String longer = convolution(point(last, 448), 384, 3, 3, 1, SAME);
            last = merge(
                    number++,
                    point(last, 320),
                    convolution(shorter, 384, 1, 3, 1, SAME),
                    convolution(shorter, 384, 3, 1, 1, SAME),
                    convolution(longer, 384, 1, 3, 1, SAME),
                    convolution(longer, 384, 3, 1, 1, SAME),
                    point(average(number, last), 192));
        }
        return last;
    }

    private String point(String input, int channels) {
        return convolution(input, channels, 1, 1, 1, SAME);
    }

    private String row(String input, int channels) {
        return convolution(input, channels, 1, 7, 1, SAME);
    }

    private String column(String input, int channels) {
        return convolution(input, channels, 7, 1, 1, SAME);
    }

    private String convolution(String input, int channels, int height, int width, int stride, ConvolutionMode mode) {
        String name = "conv" + convolutions++;
        builder.addLayer(
                        name,
                        new ConvolutionLayer.Builder(height, width)
                                .stride(stride, stride)
                                .convolutionMode(mode)
                                .hasBias(false)
                                .nOut(channels)
                                .activation(Activation.IDENTITY)
                                .build(),
                        input)
                .addLayer(name + "-norm", new BatchNormalization(), name)
                .addLayer(
                        name + "-relu",
                        new ActivationLayer.Builder()
                                .activation(Activation.RELU)
                                .build(),
                        name + "-norm");
        return name + "-relu";
    }

    private String maximum(String name, String input) {
        return pool(name + "-max", input, SubsamplingLayer.PoolingType.MAX, 2, VALID);
    }

    private String average(int number, String input) {
        return pool("block" + number + "-average", input, SubsamplingLayer.PoolingType.AVG, 1, SAME);
    }

    private String pool(
            String name, String input, SubsamplingLayer.PoolingType type, int stride, ConvolutionMode mode) {
        builder.addLayer(
                name,
                new SubsamplingLayer.Builder(type)
                        .kernelSize(3, 3)
                        .stride(stride, stride)
                        .convolutionMode(mode)
                        .build(),
                input);
        return name;
    }

    private String merge(int number, String... branches) {
        String name = "mixed" + number;
        builder.addVertex(name, new MergeVertex(), branches);
        return name;
    }
}
