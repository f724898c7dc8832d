package org.growingnn.dl4j.examples.extension;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A layer and an action of the user's own work like those of the library. */
class ExtensionsTest {

    private static final int UNITS = 8;

    private ComputationGraph model;
    private INDArray features;

    @BeforeEach
    void make() {
        Nd4j.getRandom().setSeed(1);
        model = new ComputationGraph(OwnLayerAndAction.configuration(UNITS));
        model.init();
        features = Nd4j.rand(5, 784);
        model.fit(new DataSet(features, Nd4j.eye(10).getRows(0, 1, 2, 3, 4)));
    }

    @Test
    void the_own_layer_is_resizable() {
        assertThat(Dl4jGraphs.read(model).spaces().stream()
                        .filter(UnitSpace::resizable)
                        .map(UnitSpace::name))
                .containsExactly("maxout1", "maxout2");
    }

    @Test
    void growing_and_permuting_the_own_layer_changes_no_output() {
        NetworkGraph graph = Dl4jGraphs.read(model);
        for (String name : new String[] {"maxout1", "maxout2"}) {
            UnitSpace space = graph.space(name);
            assertSameOutputs(Actions.addNeurons(space, 1.5).apply(graph, Projections.replication()));
            SparseMatrix.Builder reversed = SparseMatrix.builder(UNITS);
            for (int i = UNITS - 1; i >= 0; i--) {
                reversed.entry(i, 1);
                reversed.endRow();
            }
            SparseMatrix permutation = reversed.build();
            assertSameOutputs(Resizer.resize(graph, space, new UnitMap(permutation, permutation, permutation)));
        }
    }

    private void assertSameOutputs(NetworkGraph changed) {
        assertThat(Dl4jGraphs.toComputationGraph(changed)
                        .output(features)[0]
                        .data()
                        .asDouble())
                .usingComparatorWithPrecision(1e-5)
                .containsExactly(model.output(features)[0].data().asDouble());
    }

    @Test
    void the_own_action_narrows_every_layer_and_can_be_written_and_read() {
        StructuralAction action = new NarrowAll(0.5);

        ComputationGraph narrow =
                Dl4jGraphs.toComputationGraph(action.apply(Dl4jGraphs.read(model), Projections.importance()));

        assertThat(((MaxoutLayer) narrow.getLayer("maxout1").conf().getLayer()).getUnits())
                .isEqualTo(UNITS / 2);
        narrow.fit(new DataSet(features, Nd4j.eye(10).getRows(0, 1, 2, 3, 4)));
        assertThat(narrow.score()).isFinite();
        assertThat(Actions.parse(action.toString())).isEqualTo(action);
        assertThat(Actions.fromJson(Actions.toJson(action))).isEqualTo(action);
    }
}
