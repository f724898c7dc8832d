package org.growingnn.dl4j.benchmarks.jmh;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.zoo.model.ResNet50;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.examples.TestModels;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A network to measure on, and the unit space of it that is resized. */
public enum Subject {

    /** The bundled multi-layer perceptron. */
    MLP("dense1", 784),
    /** The bundled LeNet. */
    LENET("conv2", 784),
    /** ResNet50 of Deeplearning4j's zoo with random weights: channels inside of a block. */
    RESNET50("res4b_branch2a", 3, 96, 96),
    /** The same network: channels of a whole stage, which sums tie together. */
    RESNET50_STAGE("res4a_branch2c", 3, 96, 96),
    /** 50 dense layers one behind the other. */
    CHAIN50("layer25", 16),
    /** 100 dense layers one behind the other. */
    CHAIN100("layer50", 16),
    /** 200 dense layers one behind the other. */
    CHAIN200("layer100", 16),
    /** 400 dense layers one behind the other. */
    CHAIN400("layer200", 16);

    private static final int CLASSES = 10;
    private static final int WIDTH = 16;

    private final String producer;
    private final int[] shape;

    Subject(String producer, int... shape) {
        this.producer = producer;
        this.shape = shape;
    }

    /** Names a layer that produces the space which is resized. */
    String producer() {
        return producer;
    }

    /** Tells the number of layers of a chain; 0 for other networks. */
    int chainLength() {
        return name().startsWith("CHAIN") ? Integer.parseInt(name().substring("CHAIN".length())) : 0;
    }

    /**
     * Builds the model and trains it with two examples.
     *
     * @param state whether the optimiser has state (Adam) or not (gradient descent)
     */
    ComputationGraph model(boolean state) {
        ComputationGraph model = switch (this) {
            case MLP -> Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(TestModels.mlp()));
            case LENET -> TestModels.lenet();
            case RESNET50, RESNET50_STAGE ->
                ResNet50.builder().inputShape(shape).numClasses(CLASSES).build().init();
            case CHAIN50, CHAIN100, CHAIN200, CHAIN400 -> chain(chainLength());
        };
        ComputationGraph updated = withUpdater(model, state ? new Adam(1e-5) : new Sgd(1e-5));
        updated.fit(examples(2));
        return updated;
    }

    /** Draws examples at random. */
    DataSet examples(int count) {
        long[] extents = new long[shape.length + 1];
        extents[0] = count;
        for (int i = 0; i < shape.length; i++) {
            extents[i + 1] = shape[i];
        }
        Nd4j.getRandom().setSeed(1);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, count, CLASSES);
        for (int i = 0; i < count; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return new DataSet(Nd4j.randn(DataType.FLOAT, extents), labels);
    }

    private static ComputationGraph withUpdater(ComputationGraph model, IUpdater updater) {
        ComputationGraphConfiguration configuration =
                ComputationGraphConfiguration.fromJson(model.getConfiguration().toJson());
        for (Map.Entry<String, GraphVertex> vertex : configuration.getVertices().entrySet()) {
            if (vertex.getValue() instanceof LayerVertex layer
                    && layer.getLayerConf().getLayer() instanceof BaseLayer trained) {
                trained.setIUpdater(updater.clone());
                trained.setBiasUpdater(null);
            }
        }
        ComputationGraph updated = new ComputationGraph(configuration);
        updated.init(model.params(), false);
        return updated;
    }

    private static ComputationGraph chain(int length) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(1)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(WIDTH));
        List<String> names = new ArrayList<>(List.of("in"));
        for (int i = 0; i < length - 1; i++) {
            builder.addLayer("layer" + i, new DenseLayer.Builder().nOut(WIDTH).build(), names.get(i));
            names.add("layer" + i);
        }
        ComputationGraph model = new ComputationGraph(builder.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nOut(CLASSES)
                                .build(),
                        names.get(length - 1))
                .setOutputs("out")
                .build());
        model.init();
        return model;
    }
}
