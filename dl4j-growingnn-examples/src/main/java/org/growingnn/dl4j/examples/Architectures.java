package org.growingnn.dl4j.examples;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The networks for MNIST that the examples use, untrained. All learn with Adam(1e-3); all take flat rows of 784 pixels,
 * but for {@link #lstm}, which takes {@linkplain Mnist#asSeries() series}.
 */
public final class Architectures {

    /** The learning rate of the updater that every configuration holds. */
    public static final double LEARNING_RATE = 1e-3;

    private static final InputType IMAGES = InputType.convolutionalFlat(28, 28, 1);

    private Architectures() {}

    /**
     * Builds a multi-layer perceptron 784-512-512-10 with ReLU: layers {@code dense1}, {@code dense2}, {@code output}.
     *
     * @param seed the seed of the initial weights
     * @return an initialised network with 669,706 parameters
     */
    public static MultiLayerNetwork mlp(long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(base(seed)
                .list()
                .layer(dense("dense1", 512))
                .layer(dense("dense2", 512))
                .layer(output())
                .setInputType(InputType.feedForward(Mnist.FEATURES))
                .build());
        network.init();
        return network;
    }

    /**
     * Builds a perceptron that is too small for its task, 784-8-10 with ReLU: {@code dense1}, {@code output}.
     *
     * @param seed the seed of the initial weights
     * @return an initialised network with 6,370 parameters
     */
    public static ComputationGraph tinyMlp(long seed) {
        return initialised(graph(seed, InputType.feedForward(Mnist.FEATURES))
                .addLayer("dense1", dense(null, 8), "input")
                .addLayer("output", output(), "dense1"));
    }

    /**
     * Builds the LeNet of the pruning literature: two 5×5 convolutions of 20 and 50 filters, each followed by maximum
     * pooling, and a dense layer of 500 units: {@code conv1}, {@code pool1}, {@code conv2}, {@code pool2},
     * {@code dense}, {@code output}.
     *
     * @param seed the seed of the initial weights
     * @return an initialised network with 431,080 parameters
     */
    public static ComputationGraph lenet(long seed) {
        return initialised(graph(seed, IMAGES)
                .addLayer("conv1", relu(new ConvolutionLayer.Builder(5, 5).nOut(20)), "input")
                .addLayer("pool1", maxPooling(), "conv1")
                .addLayer("conv2", relu(new ConvolutionLayer.Builder(5, 5).nOut(50)), "pool1")
                .addLayer("pool2", maxPooling(), "conv2")
                .addLayer("dense", dense(null, 500), "pool2")
                .addLayer("output", output(), "dense"));
    }

    /**
     * Builds a small residual network with batch normalisation: a 5×5 stem of 16 filters with maximum pooling, four
     * residual blocks of 16, 32, 64 and 64 filters, global average pooling, {@code output}. The second and the third
     * block have a 1×1 projection as shortcut because they change the width; the second also halves the resolution. The
     * vertices of a block have names such as {@code b2_conv1}, {@code b2_bn1}, {@code b2_relu1}, {@code b2_conv2},
     * {@code b2_bn2}, {@code b2_shortcut}, {@code b2_shortcut_bn}, {@code b2_add} and {@code b2_relu2}.
     *
     * @param seed the seed of the initial weights
     * @return an initialised network with 152,922 parameters and 2.6 million multiply-accumulates per digit
     */
    public static ComputationGraph rescnn(long seed) {
        GraphBuilder graph = graph(seed, IMAGES);
        normalised(graph, "stem", "stem_bn", 5, 16, 2, "input");
        relu(graph, "stem_relu", "stem_bn");
        graph.addLayer("stem_pool", maxPooling(), "stem_relu");
        String last = residualBlock(graph, "b1", "stem_pool", 16, 16, 1);
        last = residualBlock(graph, "b2", last, 16, 32, 2);
        last = residualBlock(graph, "b3", last, 32, 64, 1);
        last = residualBlock(graph, "b4", last, 64, 64, 1);
        return initialised(graph.addLayer("global_pool", new GlobalPoolingLayer(PoolingType.AVG), last)
                .addLayer("output", output(), "global_pool"));
    }

    /**
     * Builds a classifier of series: an LSTM of 128 units, {@code lstm1}, and one of 64 units, {@code lstm2}, of which only
     * the last step that is not masked goes on to {@code output}. It takes {@linkplain Mnist#asSeries() digits as series}.
     *
     * @param seed the seed of the initial weights
     * @return an initialised network with 130,442 parameters
     */
    public static ComputationGraph lstm(long seed) {
        return initialised(graph(seed, InputType.recurrent(Mnist.STEPS, Mnist.STEPS, RNNFormat.NCW))
                .addLayer("lstm1", lstm(128), "input")
                .addLayer("lstm2", new LastTimeStep(lstm(64)), "lstm1")
                .addLayer("output", output(), "lstm2"));
    }

    private static LSTM lstm(int units) {
        return new LSTM.Builder()
                .nOut(units)
                .activation(Activation.TANH)
                .weightInit(WeightInit.XAVIER)
                .build();
    }

    private static String residualBlock(GraphBuilder graph, String name, String input, int nIn, int nOut, int stride) {
        normalised(graph, name + "_conv1", name + "_bn1", 3, nOut, stride, input);
        relu(graph, name + "_relu1", name + "_bn1");
        normalised(graph, name + "_conv2", name + "_bn2", 3, nOut, 1, name + "_relu1");
        String shortcut = input;
        if (nIn != nOut || stride != 1) {
            shortcut = name + "_shortcut_bn";
            normalised(graph, name + "_shortcut", shortcut, 1, nOut, stride, input);
        }
        graph.addVertex(name + "_add", new ElementWiseVertex(ElementWiseVertex.Op.Add), name + "_bn2", shortcut);
        relu(graph, name + "_relu2", name + "_add");
        return name + "_relu2";
    }

    /** Adds a convolution, which needs no bias because the batch normalisation after it has one. */
    private static void normalised(
            GraphBuilder graph, String convolution, String norm, int kernel, int nOut, int stride, String input) {
        graph.addLayer(
                        convolution,
                        new ConvolutionLayer.Builder(kernel, kernel)
                                .nOut(nOut)
                                .stride(stride, stride)
                                .convolutionMode(ConvolutionMode.Same)
                                .hasBias(false)
                                .activation(Activation.IDENTITY)
                                .build(),
                        input)
                .addLayer(norm, new BatchNormalization(), convolution);
    }

    private static void relu(GraphBuilder graph, String name, String input) {
        graph.addLayer(name, new ActivationLayer(Activation.RELU), input);
    }

    private static NeuralNetConfiguration.Builder base(long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(LEARNING_RATE))
                .weightInit(WeightInit.RELU);
    }

    private static GraphBuilder graph(long seed, InputType input) {
        return base(seed).graphBuilder().addInputs("input").setInputTypes(input).setOutputs("output");
    }

    private static ComputationGraph initialised(GraphBuilder graph) {
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        return network;
    }

    private static ConvolutionLayer relu(ConvolutionLayer.Builder convolution) {
        return convolution.activation(Activation.RELU).build();
    }

    private static SubsamplingLayer maxPooling() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static DenseLayer dense(String name, int units) {
        return new DenseLayer.Builder()
                .name(name)
                .nOut(units)
                .activation(Activation.RELU)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .name("output")
                .nOut(Mnist.CLASSES)
                .activation(Activation.SOFTMAX)
                .weightInit(WeightInit.XAVIER)
                .build();
    }
}
