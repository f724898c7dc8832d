package org.growingnn.dl4j.examples.extension;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.ActionContract;
import org.junit.jupiter.api.Test;

/** An action of the user's own works like those of the library. */
class NarrowAllTest extends ActionContract {

    @Override
    protected ActionGenerator actions() {
        return graph -> Stream.of(new NarrowAll(0.4));
    }

    @Test
    void every_layer_becomes_narrower() {
        ComputationGraph model = new ComputationGraph(OwnLayerAndAction.configuration(8));
        model.init();

        ComputationGraph narrow = Dl4jGraphs.toComputationGraph(
                new NarrowAll(0.5).apply(Dl4jGraphs.read(model, InputType.feedForward(784)), Projections.importance()));

        for (String layer : new String[] {"maxout1", "maxout2"}) {
            assertThat(((MaxoutLayer) narrow.getLayer(layer).conf().getLayer()).getUnits())
                    .isEqualTo(4);
        }
    }
}
