package org.growingnn.dl4j;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/** A small classification task and networks trained on it: three Gaussian clouds in six dimensions. */
final class TestData {

    static final int FEATURES = 6;
    static final int CLASSES = 3;

    private TestData() {}

    static DataSetIterator clouds(int examples, int batch, long seed) {
        return new ExistingDataSetIterator(cloud(examples, seed).batchBy(batch));
    }

    static DataSet cloud(int examples, long seed) {
        Random random = new Random(seed);
        INDArray features = Nd4j.create(examples, FEATURES);
        INDArray labels = Nd4j.create(examples, CLASSES);
        for (int i = 0; i < examples; i++) {
            int label = i % CLASSES;
            labels.putScalar(i, label, 1);
            for (int k = 0; k < FEATURES; k++) {
                features.putScalar(i, k, random.nextGaussian() + (k % CLASSES == label ? 2.5 : 0));
            }
        }
        return new DataSet(features, labels);
    }

    static MultiLayerConfiguration configuration(int... hidden) {
        NeuralNetConfiguration.ListBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(11)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .list();
        for (int width : hidden) {
            builder.layer(new DenseLayer.Builder().nOut(width).build());
        }
        return builder.layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(FEATURES))
                .build();
    }

    /** Trained once: most tests begin with it. */
    private static final MultiLayerNetwork TRAINED = trained();

    static MultiLayerNetwork trainedChain() {
        return TRAINED.clone();
    }

    private static MultiLayerNetwork trained() {
        MultiLayerNetwork model = new MultiLayerNetwork(configuration(40, 30));
        model.init();
        DataSetIterator data = clouds(600, 60, 1);
        for (int epoch = 0; epoch < 5; epoch++) {
            model.fit(data);
        }
        return model;
    }

    static ComputationGraph trainedGraph() {
        return Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(trainedChain()));
    }

    /** An untrained network of the usual kind with another updater. */
    static ComputationGraph graphWith(IUpdater updater) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(11)
                .updater(updater)
                .list()
                .layer(new DenseLayer.Builder().nOut(20).build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(FEATURES))
                .build();
        MultiLayerNetwork model = new MultiLayerNetwork(configuration);
        model.init();
        return Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(model));
    }

    static List<String> jsonOf(ComputationGraph model) {
        return List.of(model.getConfiguration().toJson(), model.params().toStringFull());
    }
}
