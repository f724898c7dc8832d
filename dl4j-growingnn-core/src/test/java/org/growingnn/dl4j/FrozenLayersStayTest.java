package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.RemoveBranch;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.AdapterRegistry;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.slf4j.LoggerFactory;

/** Layers whose weights are frozen never go as a whole, whether their units may be removed or not. */
class FrozenLayersStayTest {

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(6).build();
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .activation(Activation.RELU)
                .graphBuilder()
                .addInputs("in")
                .addLayer("stem", dense(), "in");
    }

    private static NetworkGraph read(GraphBuilder builder, String last, boolean pruneFrozenLayers) {
        ComputationGraph model = new ComputationGraph(builder.addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        last)
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4))
                .build());
        model.init();
        return Dl4jGraphs.read(model, AdapterRegistry.load().pruneFrozenLayers(pruneFrozenLayers));
    }

    private static void assertStays(NetworkGraph network, StructuralAction action, String frozen) {
        assertThat(Actions.layers().generate(network)).doesNotContain(action);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> action.apply(network, Projections.replication()))
                .withMessageContaining("'" + frozen + "' is frozen in the model");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void frozen_towers_of_a_concatenation_stay(boolean pruneFrozenLayers) {
        NetworkGraph network = read(
                builder()
                        .addLayer("a", new FrozenLayerWithBackprop(dense()), "stem")
                        .addLayer("b", new FrozenLayerWithBackprop(dense()), "stem")
                        .addLayer("free", dense(), "stem")
                        .addVertex("merge", new MergeVertex(), "a", "b", "free"),
                "merge",
                pruneFrozenLayers);

        assertStays(network, new RemoveBranch("merge", "a"), "a");
        assertStays(network, new RemoveBranch("merge", "b"), "b");
        assertThat(Actions.layers().generate(network)).contains(new RemoveBranch("merge", "free"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_frozen_block_of_a_residual_sum_stays_and_the_shortcut_may_go(boolean pruneFrozenLayers) {
        NetworkGraph network = read(
                builder()
                        .addLayer("deep", new FrozenLayer(dense()), "stem")
                        .addLayer("block", dense(), "deep")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "block"),
                "sum",
                pruneFrozenLayers);

        assertStays(network, new RemoveBranch("sum", "block"), "deep");
        assertThat(new RemoveBranch("sum", "stem")
                        .apply(network, Projections.replication())
                        .isVertex("deep"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_is_frozen_but_has_no_weights_may_go(boolean pruneFrozenLayers) {
        NetworkGraph network = read(
                builder()
                        .addLayer("rectified", new FrozenLayer(new ActivationLayer(Activation.RELU)), "stem")
                        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "rectified"),
                "sum",
                pruneFrozenLayers);

        assertThat(new RemoveBranch("sum", "rectified")
                        .apply(network, Projections.replication())
                        .isVertex("rectified"))
                .isFalse();
    }

    @Test
    void leave_to_prune_frozen_layers_that_has_no_effect_is_told_once() {
        assertThat(warnings(false, dense())).isEmpty();
        assertThat(warnings(true, new FrozenLayer(dense()))).isEmpty();
        assertThat(warnings(true, new FrozenLayer(new ActivationLayer(Activation.RELU))))
                .singleElement()
                .asString()
                .contains("pruneFrozenLayers(true)", "no frozen layer");
        assertThat(warnings(true, dense())).hasSize(1);
    }

    private static List<String> warnings(boolean pruneFrozenLayers, Layer layer) {
        Logger logger = (Logger) LoggerFactory.getLogger(ModelReader.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            read(builder().addLayer("layer", layer, "stem"), "layer", pruneFrozenLayers);
        } finally {
            logger.detachAppender(appender);
        }
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
