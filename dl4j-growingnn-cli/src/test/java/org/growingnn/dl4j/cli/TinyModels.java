package org.growingnn.dl4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Untrained models that are small enough to be made for every test. */
final class TinyModels {

    private TinyModels() {}

    /** Predicts numbers from vectors. */
    static MultiLayerNetwork regression(int features) {
        return dense(features, 1, LossFunction.MSE, Activation.IDENTITY);
    }

    /** Tells classes apart. */
    static MultiLayerNetwork classifier(int features, int classes) {
        return dense(features, classes, LossFunction.MCXENT, Activation.SOFTMAX);
    }

    /** Answers a question. */
    static MultiLayerNetwork question(int features) {
        return dense(features, 1, LossFunction.XENT, Activation.SIGMOID);
    }

    private static MultiLayerNetwork dense(int features, int units, LossFunction loss, Activation activation) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder()
                        .name("hidden")
                        .nOut(8)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(loss)
                        .name("out")
                        .nOut(units)
                        .activation(activation)
                        .build())
                .setInputType(InputType.feedForward(features))
                .build());
        model.init();
        return model;
    }

    /** Tells classes of images apart. */
    static MultiLayerNetwork images(int side, int channels, int classes) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .name("conv")
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .name("out")
                        .nOut(classes)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(side, side, channels))
                .build());
        model.init();
        return model;
    }

    static Path save(Model model, Path file) throws IOException {
        ModelSerializer.writeModel(model, file.toFile(), true);
        return file;
    }
}
