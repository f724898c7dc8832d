package org.growingnn.dl4j;

import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.testing.Batches;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks for tasks of all kinds, wider than their tasks need. */
final class TaskModels {

    private static final int WIDTH = 32;

    private TaskModels() {}

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(11)
                .updater(new Adam(0.01))
                .activation(Activation.RELU);
    }

    private static NeuralNetConfiguration.ListBuilder hidden(int... widths) {
        NeuralNetConfiguration.ListBuilder list = builder().list();
        for (int width : widths) {
            list.layer(new DenseLayer.Builder().nOut(width).build());
        }
        return list;
    }

    private static MultiLayerNetwork initialised(NeuralNetConfiguration.ListBuilder list, InputType type) {
        MultiLayerNetwork model = new MultiLayerNetwork(list.setInputType(type).build());
        model.init();
        return model;
    }

    private static OutputLayer output(int units, Activation activation, ILossFunction loss) {
        return new OutputLayer.Builder(loss).nOut(units).activation(activation).build();
    }

    /** Two hidden layers between vectors and answers. */
    static Supplier<Model> dense(int units, Activation activation, ILossFunction loss) {
        return () -> initialised(
                hidden(WIDTH, WIDTH).layer(output(units, activation, loss)), InputType.feedForward(TaskData.FEATURES));
    }

    static Supplier<Model> dense(int units, Activation activation, LossFunction loss) {
        return dense(units, activation, loss.getILossFunction());
    }

    /** A network of numbers whose biases start at the levels that its labels have. */
    static Supplier<Model> atLevels(double... levels) {
        return () -> {
            MultiLayerNetwork model = (MultiLayerNetwork)
                    dense(levels.length, Activation.IDENTITY, LossFunction.MSE).get();
            model.setParam("2_b", Nd4j.create(new double[][] {levels}).castTo(Nd4j.dataType()));
            return model;
        };
    }

    /** Two outputs behind common layers. */
    static Supplier<Model> twoOutputs(OutputLayer first, OutputLayer second) {
        return () -> {
            GraphBuilder graph = builder()
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer("common", new DenseLayer.Builder().nOut(WIDTH).build(), "in")
                    .addLayer("left", new DenseLayer.Builder().nOut(WIDTH).build(), "common")
                    .addLayer("right", new DenseLayer.Builder().nOut(WIDTH).build(), "common")
                    .addLayer("first", first, "left")
                    .addLayer("second", second, "right")
                    .setOutputs("first", "second")
                    .setInputTypes(InputType.feedForward(TaskData.FEATURES));
            ComputationGraph model = new ComputationGraph(graph.build());
            model.init();
            return model;
        };
    }

    static OutputLayer classes(int classes) {
        return output(classes, Activation.SOFTMAX, LossFunction.MCXENT.getILossFunction());
    }

    static OutputLayer number() {
        return output(1, Activation.IDENTITY, LossFunction.MSE.getILossFunction());
    }

    static Supplier<Model> recurrent(
            int inputs, int outputs, Activation activation, LossFunction loss, RNNFormat format) {
        return () -> initialised(
                builder()
                        .list()
                        .layer(new LSTM.Builder()
                                .nOut(14)
                                .activation(Activation.TANH)
                                .dataFormat(format)
                                .build())
                        .layer(new RnnOutputLayer.Builder(loss)
                                .nOut(outputs)
                                .activation(activation)
                                .dataFormat(format)
                                .build()),
                InputType.recurrent(inputs, TaskData.STEPS, format));
    }

    /** Two series with layers of their own, which meet in one answer. */
    static Model twoSeries() {
        ComputationGraph model = new ComputationGraph(builder()
                .graphBuilder()
                .addInputs("a", "b")
                .addLayer("la", lstm(), "a")
                .addLayer("lb", lstm(), "b")
                .addLayer("pa", new GlobalPoolingLayer(), "la")
                .addLayer("pb", new GlobalPoolingLayer(), "lb")
                .addVertex("both", new MergeVertex(), "pa", "pb")
                .addLayer("dense", new DenseLayer.Builder().nOut(WIDTH).build(), "both")
                .addLayer("out", classes(2), "dense")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3), InputType.recurrent(2))
                .build());
        model.init();
        return model;
    }

    private static LSTM lstm() {
        return new LSTM.Builder().nOut(8).activation(Activation.TANH).build();
    }

    private static ConvolutionLayer convolution(int kernel, int stride, int width, CNN2DFormat format) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .nOut(width)
                .convolutionMode(ConvolutionMode.Same)
                .dataFormat(format)
                .build();
    }

    /** Answers yes or no at every position of a map. */
    static Supplier<Model> segmentation(CNN2DFormat format) {
        return () -> initialised(
                builder()
                        .list()
                        .layer(convolution(3, 1, 8, format))
                        .layer(convolution(3, 1, 8, format))
                        .layer(new ConvolutionLayer.Builder(1, 1)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .dataFormat(format)
                                .build())
                        .layer(new CnnLossLayer.Builder(LossFunction.XENT)
                                .activation(Activation.SIGMOID)
                                .format(format)
                                .build()),
                InputType.convolutional(TaskData.SIDE, TaskData.SIDE, 1, format));
    }

    /** Repeats its input through a narrow layer. */
    static Supplier<Model> autoencoder(Activation activation, LossFunction loss) {
        return () -> initialised(
                hidden(48, 16, 48).layer(output(TaskData.PIXELS, activation, loss.getILossFunction())),
                InputType.feedForward(TaskData.PIXELS));
    }

    /** Classes behind an encoder that was trained without labels. */
    static Supplier<Model> behindEncoder(MultiDataSet examples) {
        return () -> {
            MultiLayerNetwork model = initialised(
                    builder()
                            .list()
                            .layer(new VariationalAutoencoder.Builder()
                                    .encoderLayerSizes(WIDTH)
                                    .decoderLayerSizes(WIDTH)
                                    .activation(Activation.TANH)
                                    .nOut(16)
                                    .build())
                            .layer(new DenseLayer.Builder().nOut(WIDTH).build())
                            .layer(classes(3)),
                    InputType.feedForward(TaskData.FEATURES));
            Batches batches = new Batches(examples, 50);
            while (batches.hasNext()) {
                INDArray features = batches.next().getFeatures(0);
                model.pretrainLayer(0, features);
            }
            return model;
        };
    }

    /** Finds boxes on a grid of 4 × 4. */
    static Model detector() {
        INDArray boxes = Nd4j.create(new double[][] {{1, 1}, {1.5, 1.5}}).castTo(Nd4j.dataType());
        return initialised(
                builder()
                        .list()
                        .layer(convolution(3, 2, 16, CNN2DFormat.NCHW))
                        .layer(convolution(3, 2, 16, CNN2DFormat.NCHW))
                        .layer(convolution(3, 1, 16, CNN2DFormat.NCHW))
                        .layer(new ConvolutionLayer.Builder(1, 1)
                                .nOut(2 * (5 + TaskData.YOLO_CLASSES))
                                .activation(Activation.IDENTITY)
                                .build())
                        .layer(new Yolo2OutputLayer.Builder()
                                .boundingBoxPriors(boxes)
                                .build()),
                InputType.convolutional(16, 16, TaskData.YOLO_CLASSES));
    }
}
