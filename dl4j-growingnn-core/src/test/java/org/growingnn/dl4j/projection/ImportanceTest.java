package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;

class ImportanceTest {

    /** Two inputs, three hidden units, one output; weights by hand. */
    private static NetworkGraph network(float[] incoming, float[] outgoing) {
        NetworkGraph shapes = Chains.dense(2, 3, 1);
        return shapes.with(List.of(
                withWeights(shapes.vertex("d1"), Tensor.wrap(new long[] {2, 3}, incoming)),
                withWeights(shapes.vertex("d2"), Tensor.wrap(new long[] {3, 1}, outgoing))));
    }

    private static Vertex withWeights(Vertex vertex, Tensor weights) {
        Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
        parameters.put("W", Parameter.of(weights));
        return vertex.withParameters(parameters);
    }

    @Test
    void importance_is_the_product_of_incoming_and_outgoing_norms() {
        NetworkGraph graph = network(new float[] {3, 1, 0, 4, 0, 2}, new float[] {1, 7, -2});
        double[] importance = Criteria.gain().rate(graph, graph.space("d1"));
        assertThat(importance).hasSize(3);
        assertThat(importance[0]).isCloseTo(5 * 1, within(1e-6));
        assertThat(importance[1]).isCloseTo(1 * 7, within(1e-6));
        assertThat(importance[2]).isCloseTo(2 * 2, within(1e-6));
    }

    @Test
    void the_most_important_units_are_kept_in_their_order_and_unchanged() {
        NetworkGraph graph = network(new float[] {3, 1, 0, 4, 0, 2}, new float[] {1, 7, -2});
        NetworkGraph small = Actions.removeNeurons(graph.space("d1"), 0.34).apply(graph, Projections.importance());
        assertThat(small.vertex("d1").parameters().get("W").value().toFloats()).containsExactly(3, 1, 4, 0);
        assertThat(small.vertex("d2").parameters().get("W").value().toFloats()).containsExactly(1, 7);
    }

    @Test
    void scaling_a_unit_up_and_its_outgoing_weights_down_changes_nothing() {
        NetworkGraph graph = network(new float[] {3, 1, 0, 4, 0, 2}, new float[] {1, 7, -2});
        NetworkGraph scaled = network(new float[] {30, 1, 0, 40, 0, 2}, new float[] {0.1f, 7, -2});
        double[] before = Criteria.gain().rate(graph, graph.space("d1"));
        double[] after = Criteria.gain().rate(scaled, scaled.space("d1"));
        for (int unit = 0; unit < 3; unit++) {
            assertThat(after[unit]).isCloseTo(before[unit], within(1e-5));
        }
    }

    @Test
    void relative_ratings_add_up_to_the_size_of_the_space() {
        NetworkGraph graph = network(new float[] {3, 1, 0, 4, 0, 2}, new float[] {1, 7, -2});
        assertThat(Criteria.relative(Criteria.gain()).rate(graph, graph.space("d1")))
                .containsExactly(new double[] {15 / 16.0, 21 / 16.0, 12 / 16.0}, within(1e-6));
    }

    @Test
    void a_share_is_that_of_what_is_left_when_all_lower_units_are_gone() {
        NetworkGraph graph = network(new float[] {3, 1, 0, 4, 0, 2}, new float[] {1, 7, -2});
        assertThat(Criteria.share(Criteria.gain()).rate(graph, graph.space("d1")))
                .containsExactly(new double[] {5 / 12.0, 1, 4 / 16.0}, within(1e-6));
        NetworkGraph dead = network(new float[6], new float[] {1, 7, -2});
        assertThat(Criteria.share(Criteria.gain()).rate(dead, dead.space("d1"))).containsExactly(0, 0, 0);
    }

    @Test
    void negative_ratings_have_no_shares() {
        NetworkGraph graph = network(new float[] {3, 1, 0, 4, 0, 2}, new float[] {1, 7, -2});
        Criterion negative = new Criterion() {
            @Override
            public String name() {
                return "negative";
            }

            @Override
            public double[] rate(NetworkGraph network, UnitSpace space) {
                return new double[] {2, -1, 3};
            }
        };
        assertThatThrownBy(() -> Criteria.share(negative).rate(graph, graph.space("d1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Unit 1 is rated -1.0");
    }
}
