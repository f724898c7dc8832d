package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** The bundled residual network: layers that meet in a sum share their units. */
class ResidualSpaceTest {

    private static NetworkGraph residual() throws IOException {
        File file = Path.of(System.getProperty("growingnn.repository"), "src-test-models", "rescnn", "model.zip")
                .toFile();
        return Dl4jGraphs.read(
                ModelSerializer.restoreComputationGraph(file, true), InputType.convolutionalFlat(28, 28, 1));
    }

    @Test
    void resizing_a_space_resizes_every_layer_and_batch_norm_that_is_tied_to_it() throws IOException {
        NetworkGraph graph = residual();
        UnitSpace sum = graph.space("b3_add");
        assertThat(sum.producers()).containsExactlyInAnyOrder("b3_shortcut", "b3_conv2", "b4_conv2");
        NetworkGraph small = Actions.removeNeurons(sum, 0.5).apply(graph, Projections.pseudoInverse());
        for (String tied : List.of("b3_shortcut", "b3_conv2", "b4_conv2", "b3_add", "b4_add", "global_pool")) {
            assertThat(small.signal(tied).units().length()).as(tied).isEqualTo(32);
        }
        for (String norm : List.of("b3_shortcut_bn", "b3_bn2", "b4_bn2")) {
            assertThat(small.vertex(norm).parameters().values())
                    .as(norm)
                    .allSatisfy(p -> assertThat(p.value().length()).isEqualTo(32));
        }
        for (String inner : List.of("b3_conv1", "b4_conv1")) {
            assertThat(small.signal(inner).units().length()).as(inner).isEqualTo(64);
        }
        ComputationGraph model = Dl4jGraphs.toComputationGraph(small);
        assertThat(model.numParams()).isEqualTo(small.parameterCount());
        assertThat(model.outputSingle(Nd4j.rand(3, 784)).shape()).containsExactly(3, 10);
    }

    @Test
    void growing_a_tied_space_by_replication_keeps_the_function() throws IOException {
        NetworkGraph graph = residual();
        var images = Nd4j.rand(5, 784);
        var before = Dl4jGraphs.toComputationGraph(graph).outputSingle(images);
        for (UnitSpace space : graph.spaces()) {
            if (space.resizable()) {
                var action = Actions.addNeurons(space, 1.5);
                assertThat(action.preservesFunction(graph, Projections.replication()))
                        .isTrue();
                var after = Dl4jGraphs.toComputationGraph(action.apply(graph, Projections.replication()))
                        .outputSingle(images);
                assertThat(after.sub(before).amaxNumber().doubleValue())
                        .as(space.name())
                        .isLessThan(1e-5);
            }
        }
    }
}
