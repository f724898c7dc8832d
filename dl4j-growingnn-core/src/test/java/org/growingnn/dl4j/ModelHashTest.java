package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

class ModelHashTest {

    private static MultiLayerNetwork model(IUpdater updater, double l2, double dropOut, Activation activation) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(updater)
                .l2(l2)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(4)
                        .nOut(5)
                        .activation(activation)
                        .dropOut(dropOut)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        model.init();
        return model;
    }

    private static String hash(MultiLayerNetwork model) {
        return ModelHash.sha256(Dl4jGraphs.read(model));
    }

    @Test
    void every_other_configuration_has_another_hash_although_the_parameters_are_the_same() {
        List<MultiLayerNetwork> models = List.of(
                model(new Adam(0.01), 0, 0, Activation.RELU),
                model(new Adam(0.02), 0, 0, Activation.RELU),
                model(new Sgd(0.01), 0, 0, Activation.RELU),
                model(new Adam(0.01), 1e-4, 0, Activation.RELU),
                model(new Adam(0.01), 0, 0.5, Activation.RELU),
                model(new Adam(0.01), 0, 0, Activation.TANH));
        List<String> hashes = new ArrayList<>();
        for (MultiLayerNetwork model : models) {
            model.setParams(models.get(0).params().dup());
            hashes.add(hash(model));
        }
        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void the_same_model_has_the_same_hash_and_another_parameter_another() {
        MultiLayerNetwork model = model(new Adam(0.01), 0, 0, Activation.RELU);
        String hash = hash(model);
        assertThat(hash).hasSize(64).isEqualTo(hash(model)).isEqualTo(hash(model.clone()));
        model.getLayer(0).getParam("W").putScalar(2, 3, 0.125);
        assertThat(hash(model)).isNotEqualTo(hash);
    }
}
