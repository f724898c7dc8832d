package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActionsTest {

    private final NetworkGraph graph = Chains.dense(4, 10, 20, 2);

    @ParameterizedTest
    @ValueSource(strings = {"conv2", "a, b=(c)", "res2a_branch2a/x#2", "ratio=0.5, minimum=1)", "ünïcode \"quoted\""})
    void text_and_json_forms_read_back_whatever_the_layer_is_called(String name) {
        List<StructuralAction> actions = List.of(
                new RemoveNeurons(name, 0.9, 3), new AddNeurons(name, 1.5), new RemoveInputs(name, 0.5, 2), new NoOp());
        for (StructuralAction action : actions) {
            assertThat(Actions.parse(action.toString())).isEqualTo(action);
            assertThat(Actions.fromJson(Actions.toJson(action))).isEqualTo(action);
        }
    }

    @Test
    void generators_list_what_is_excluded_in_the_order_of_names() {
        String[] names = {"h", "c", "a", "g", "b", "f", "d", "e"};
        assertThat(Actions.neurons().exclude(names)).asString().contains("exclude=[a, b, c, d, e, f, g, h]");
        assertThat(Actions.inputs().exclude(names)).asString().contains("exclude=[a, b, c, d, e, f, g, h]");
    }

    @Test
    void pruning_globally_removes_its_share_of_the_parameters_and_leaves_the_minimum() {
        for (double ratio : new double[] {0.1, 0.5, 0.8}) {
            StructuralAction action = new PruneGlobally(ratio, 2);
            NetworkGraph pruned = action.apply(graph, Projections.importance());
            assertThat(1 - (double) pruned.parameterCount() / graph.parameterCount())
                    .isBetween(ratio, ratio + 0.1);
            assertThat(pruned.space("d1").size()).isGreaterThanOrEqualTo(2);
            assertThat(pruned.space("d2").size()).isGreaterThanOrEqualTo(2);
            assertThat(Actions.parse(action.toString())).isEqualTo(action);
            assertThat(Actions.fromJson(Actions.toJson(action))).isEqualTo(action);
        }
        assertThat(Actions.global().remove(0.2, 0.99).minimum(2).generate(graph))
                .containsExactly(new PruneGlobally(0.2, 2));
    }

    @Test
    void forms_are_stable() {
        StructuralAction remove = Actions.removeNeurons(graph.space("d1"), 0.5);
        assertThat(remove).hasToString("remove-neurons(space=d1, ratio=0.5, minimum=1)");
        assertThat(Actions.toJson(remove))
                .isEqualTo("{\"action\":\"remove-neurons\",\"space\":\"d1\",\"ratio\":0.5,\"minimum\":1}");
        assertThat(Actions.addNeurons(graph.space("d1"), 2)).hasToString("add-neurons(space=d1, ratio=2.0)");
        assertThat(Actions.toJson(Actions.noOp())).isEqualTo("{\"action\":\"no-op\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "explode(space=d1)",
                "remove-neurons(space=d1)",
                "remove-neurons(space=d1, ratio=much, minimum=1)",
                "remove-neurons(space=d1, ratio=1.5, minimum=1)",
                ""
            })
    void nonsense_is_reported(String text) {
        assertThatThrownBy(() -> Actions.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }

    @Test
    void nonsense_in_json_is_reported() {
        assertThatThrownBy(() -> Actions.fromJson("{\"action\":\"remove-neurons\""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Actions.fromJson("{\"space\":\"d1\"}")).hasMessageContaining("no-op");
        assertThatThrownBy(() -> Actions.fromJson("{\"action\":\"add-neurons\",\"space\":\"d1\",\"ratio\":2,\"x\":1}"))
                .hasMessageContaining("x");
    }

    @Test
    void ratios_out_of_range_are_reported_with_the_value() {
        for (double ratio : new double[] {0, 1, -0.1, 2, Double.NaN}) {
            assertThatThrownBy(() -> Actions.removeNeurons(graph.space("d1"), ratio))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(" + ratio + ")");
        }
        for (double ratio : new double[] {1, 0.5, -2, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Actions.addNeurons(graph.space("d1"), ratio))
                    .hasMessageContaining("(" + ratio + ")");
        }
        assertThatThrownBy(() -> Actions.neurons().remove(0.5, 7)).hasMessageContaining("7");
    }

    @Test
    void sizes_follow_the_ratios_and_respect_the_minimum() {
        assertThat(size(new RemoveNeurons("d2", 0.1, 1))).isEqualTo(18);
        assertThat(size(new RemoveNeurons("d2", 0.9, 1))).isEqualTo(2);
        assertThat(size(new RemoveNeurons("d2", 0.9, 5))).isEqualTo(5);
        assertThat(size(new RemoveNeurons("d2", 0.001, 1))).isEqualTo(19);
        assertThat(size(new AddNeurons("d2", 1.5))).isEqualTo(30);
        assertThat(size(new AddNeurons("d2", 1.001))).isEqualTo(21);
        assertThatThrownBy(() -> size(new RemoveNeurons("d2", 0.5, 20))).hasMessageContaining("minimum of 20");
    }

    private long size(StructuralAction action) {
        return action.apply(graph, Projections.paper()).space("d2").size();
    }

    @Test
    void frozen_spaces_are_refused_with_the_reason() {
        assertThatThrownBy(() -> Actions.removeNeurons(graph.space("d3"), 0.5).apply(graph, Projections.paper()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("d3")
                .hasMessageContaining("network output");
    }

    @Test
    void generator_lists_every_resizable_space_with_every_distinct_size() {
        assertThat(Actions.neurons().generate(graph))
                .hasSize(10)
                .startsWith(new RemoveNeurons("d1", 0.1, 1), new RemoveNeurons("d1", 0.5, 1));
        // Three units: 90 % and 50 % leave 1 and 2, and 10 % would leave 2 again.
        assertThat(Actions.neurons().add().generate(Chains.dense(4, 3, 2)))
                .containsExactly(new RemoveNeurons("d1", 0.1, 1), new RemoveNeurons("d1", 0.9, 1));
    }

    @Test
    void generator_keeps_excluded_layers_and_minimum_widths() {
        assertThat(Actions.neurons().exclude("d1").generate(graph))
                .allSatisfy(action -> assertThat(action.toString()).contains("space=d2"));
        assertThat(Actions.neurons().minimum(10).add().generate(graph))
                .containsExactly(new RemoveNeurons("d2", 0.1, 10), new RemoveNeurons("d2", 0.5, 10));
        assertThatThrownBy(() -> Actions.neurons().exclude("d9").generate(graph).toList())
                .hasMessageContaining("d9");
    }

    @Test
    void generator_of_input_removals_lists_every_distinct_size_and_only_what_applies() {
        NetworkGraph wide = Chains.dense(10, 4, 2);
        assertThat(Actions.inputs().generate(wide))
                .containsExactly(new RemoveInputs("in", 0.1, 1), new RemoveInputs("in", 0.5, 1));
        assertThat(Actions.inputs().remove(0.5, 0.9).minimum(5).generate(wide))
                .containsExactly(new RemoveInputs("in", 0.5, 5));
        assertThat(Actions.inputs().minimum(10).generate(wide)).isEmpty();
        assertThat(Actions.inputs().exclude("in").generate(wide)).isEmpty();
        assertThat(Actions.neurons().and(Actions.inputs()).generate(wide))
                .hasSize(7)
                .endsWith(new RemoveInputs("in", 0.5, 1));
        assertThatThrownBy(() -> Actions.inputs().exclude("d1").generate(wide).toList())
                .hasMessageContaining("d1");
        assertThatThrownBy(() -> Actions.inputs().remove(1)).hasMessageContaining("1.0");
        assertThatThrownBy(() -> Actions.inputs().minimum(0)).hasMessageContaining("(0)");
        NetworkGraph narrow = new RemoveInputs("in", 0.5, 1).apply(wide, Projections.paper());
        assertThat(narrow.parameterCount()).isEqualTo(wide.parameterCount() - 5 * 4);
        assertThat(new RemoveInputs("in", 0.9, 1)
                        .apply(narrow, Projections.paper())
                        .space("in-selected")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void journal_replays_to_the_same_network() {
        List<StructuralAction> journal =
                List.of(new RemoveNeurons("d1", 0.5, 1), new AddNeurons("d2", 1.5), new RemoveNeurons("d2", 0.1, 1));
        NetworkGraph step = graph;
        for (StructuralAction action : journal) {
            step = action.apply(step, Projections.pseudoInverse());
        }
        List<StructuralAction> written =
                journal.stream().map(Actions::toJson).map(Actions::fromJson).toList();
        NetworkGraph replayed = Actions.replay(graph, written, Projections.pseudoInverse());
        assertThat(replayed.structureHash()).isEqualTo(step.structureHash());
        assertThat(replayed.vertex("d2").parameters().get("W").value())
                .isEqualTo(step.vertex("d2").parameters().get("W").value());
        assertThat(graph.space("d1").size()).isEqualTo(10);
    }
}
