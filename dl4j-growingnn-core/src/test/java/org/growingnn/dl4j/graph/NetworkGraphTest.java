package org.growingnn.dl4j.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.growingnn.dl4j.testing.Chains;
import org.jgrapht.traverse.TopologicalOrderIterator;
import org.junit.jupiter.api.Test;

class NetworkGraphTest {

    private final NetworkGraph graph = Chains.dense(4, 3, 5, 2);

    @Test
    void counts_parameters_and_multiply_accumulates() {
        assertThat(graph.parameterCount()).isEqualTo(4 * 3 + 3 + 3 * 5 + 5 + 5 * 2 + 2);
        assertThat(graph.macs()).isEqualTo(4 * 3 + 3 * 5 + 5 * 2);
    }

    @Test
    void inputs_and_outputs_are_frozen_and_hidden_layers_are_not() {
        assertThat(graph.spaces()).extracting(UnitSpace::name).containsExactly("in", "d1", "d2", "d3");
        assertThat(graph.spaces()).extracting(UnitSpace::resizable).containsExactly(false, true, true, false);
        assertThat(graph.space("d3").frozen()).contains("network output");
    }

    @Test
    void order_is_topological_and_keeps_the_given_order_where_it_can() {
        Vertex late = Chains.vertex("late", "d1", 3, 2);
        NetworkGraph branched = new NetworkGraph(
                graph.inputs(),
                List.of(late, graph.vertex("d2"), graph.vertex("d1"), graph.vertex("d3")),
                List.of("late", "d3"),
                graph.origin());
        assertThat(branched.order()).containsExactly("d1", "late", "d2", "d3");
        TopologicalOrderIterator<String, ?> oracle = new TopologicalOrderIterator<>(NetworkMeasures.topology(branched));
        assertThat(branched.order()).hasSize(4);
        oracle.forEachRemaining(name -> {
            if (!name.equals("in")) {
                branched.vertex(name).inputs().stream()
                        .filter(source -> !source.equals("in"))
                        .forEach(source -> assertThat(branched.order().indexOf(source))
                                .isLessThan(branched.order().indexOf(name)));
            }
        });
        assertThat(branched.successors("d1")).containsExactly("late", "d2");
    }

    @Test
    void measures_depth_diameter_and_radius() {
        assertThat(NetworkMeasures.depth(graph)).isEqualTo(3);
        assertThat(NetworkMeasures.diameter(graph)).isEqualTo(3);
        assertThat(NetworkMeasures.radius(graph)).isEqualTo(2);
    }

    @Test
    void table_names_widths_spaces_and_reasons() {
        assertThat(graph.describe().lines())
                .anySatisfy(line -> assertThat(line).matches("d2\\s+Dense\\s+3\\s+5\\s+20\\s+d2\\s+yes"))
                .anySatisfy(
                        line -> assertThat(line).matches("d3\\s+Dense\\s+5\\s+2\\s+12\\s+d3\\s+no: network output"));
    }

    @Test
    void unknown_names_are_reported_with_the_known_ones() {
        assertThatThrownBy(() -> graph.space("conv9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("conv9")
                .hasMessageContaining("d1, d2, d3");
        assertThatThrownBy(() -> graph.spaceNamed("conv9")).hasMessageContaining("Maybe one of [in, d1, d2, d3]");
    }

    @Test
    void cycles_and_dangling_inputs_are_rejected() {
        assertThatThrownBy(() -> new NetworkGraph(
                        graph.inputs(),
                        List.of(Chains.vertex("a", "b", 2, 2), Chains.vertex("b", "a", 2, 2)),
                        List.of("b"),
                        graph.origin()))
                .hasMessageContaining("cycle");
        assertThatThrownBy(() -> new NetworkGraph(
                        graph.inputs(), List.of(Chains.vertex("a", "ghost", 2, 2)), List.of("a"), graph.origin()))
                .hasMessageContaining("ghost");
    }

    @Test
    void arrays_that_do_not_fit_their_units_are_rejected() {
        Vertex wrong = Chains.vertex("d2", "d1", 4, 5);
        assertThatThrownBy(() -> graph.with(List.of(wrong)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'W' of 'd2'")
                .hasMessageContaining("[4, 5]")
                .hasMessageContaining("[3, 5]");
    }

    @Test
    void editing_shares_untouched_arrays_and_leaves_the_original() {
        Vertex changed = Chains.vertex("d3", "d2", 5, 2);
        NetworkGraph edited = graph.with(List.of(changed));
        assertThat(edited.vertex("d1").parameters().get("W").value())
                .isSameAs(graph.vertex("d1").parameters().get("W").value());
        assertThat(edited.vertex("d3")).isSameAs(changed);
        assertThat(graph.vertex("d3")).isNotSameAs(changed);
    }

    @Test
    void structure_hash_depends_on_shapes_but_not_on_values() {
        assertThat(Chains.dense(4, 3, 5, 2).structureHash()).isEqualTo(graph.structureHash());
        assertThat(Chains.dense(4, 3, 6, 2).structureHash()).isNotEqualTo(graph.structureHash());
    }
}
