package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.PruningResult;
import org.growingnn.dl4j.PruningTarget;
import org.growingnn.dl4j.StructuralPruner;
import org.growingnn.dl4j.action.RemoveLayer.Rewiring;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitLineage;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where units came from is known after any number of edits. */
class UnitLineageTest {

    private static final int STEPS = 30;

    private static final AtomicInteger COMPARED = new AtomicInteger();

    private static final List<Projection> PROJECTIONS = List.of(
            Projections.paper(),
            Projections.pseudoInverse(),
            Projections.replication(),
            Projections.importance(),
            Projections.selection(Criteria.random(3)));

    /** Nothing trains or repairs these biases, so that they are marks of their units that follow nothing but the projections. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void biases_of_untrained_layers_are_those_of_the_units_that_they_came_from(int seed) {
        NetworkGraph start = RandomNetworks.graph(seed).read();
        Random random = new Random(seed);
        Projection projection = PROJECTIONS.get(seed % PROJECTIONS.size());
        NetworkGraph current = start;
        int resized = 0;
        for (int step = 0; step < STEPS; step++) {
            StructuralAction action = choose(current, random);
            current = action.apply(current, projection);
            resized += action instanceof RemoveNeurons || action instanceof AddNeurons ? 1 : 0;
        }

        UnitLineage lineage = current.lineage().orElseThrow();
        int compared = 0;
        for (Map.Entry<String, SparseMatrix> entry : lineage.shares().entrySet()) {
            String layer = entry.getKey();
            if (isMark(start, layer) && isMark(current, layer)) {
                assertThat(bias(current, layer))
                        .as(layer)
                        .containsExactly(product(entry.getValue(), bias(start, layer)), within(1e-3));
                compared++;
            }
        }
        assertThat(resized).isPositive();
        COMPARED.addAndGet(compared);
    }

    @AfterAll
    static void many_layers_were_compared() {
        assertThat(COMPARED).hasValueGreaterThanOrEqualTo(20);
    }

    @Test
    void pruning_tells_the_units_that_are_left() {
        NetworkGraph start = RandomNetworks.graph(4).read();
        PruningResult result = StructuralPruner.to(PruningTarget.reduction(0.3))
                .criterion(Criteria.l2())
                .prune(Dl4jGraphs.toComputationGraph(start));

        UnitLineage lineage = result.network().lineage().orElseThrow();
        assertThat(result.kept()).isNotEmpty();
        result.kept()
                .forEach((space, units) -> result.network()
                        .spaceNamed(space)
                        .producers()
                        .forEach(layer -> assertThat(lineage.origins(layer)).contains(units)));
    }

    @Test
    void layers_that_were_added_come_from_nowhere() {
        NetworkGraph start = RandomNetworks.graph(2).read();
        StructuralAction action = Actions.layers()
                .only(LayerActions.Kind.ADD_SEQUENTIAL)
                .generate(start)
                .findFirst()
                .orElseThrow();

        NetworkGraph deeper = action.apply(start, Projections.replication());

        List<String> added =
                deeper.order().stream().filter(name -> !start.isVertex(name)).toList();
        assertThat(added).isNotEmpty();
        UnitLineage lineage = deeper.lineage().orElseThrow();
        assertThat(lineage.shares()).doesNotContainKeys(added.toArray(String[]::new));
        assertThat(lineage.shares()).isEqualTo(start.lineage().orElseThrow().shares());
    }

    private static StructuralAction choose(NetworkGraph graph, Random random) {
        LayerActions layers = Actions.layers().rewiring(Rewiring.BYPASS).maximumParameters(8_000);
        List<ActionGenerator> kinds = new ArrayList<>(List.of(Actions.neurons(), Actions.neurons(), Actions.neurons()));
        Stream.of(LayerActions.Kind.values()).map(layers::only).forEach(kinds::add);
        Collections.shuffle(kinds, random);
        return kinds.stream()
                .map(kind -> kind.generate(graph)
                        .filter(action -> !(action instanceof AddNeurons) || graph.parameterCount() < 8_000)
                        .toList())
                .filter(actions -> !actions.isEmpty())
                .findFirst()
                .map(actions -> actions.get(random.nextInt(actions.size())))
                .orElse(Actions.noOp());
    }

    /** Tells whether a layer has one bias for each unit. */
    private static boolean isMark(NetworkGraph graph, String layer) {
        List<Axis> axes = graph.axes(layer).get("b");
        return axes != null
                && axes.stream().filter(axis -> axis.role() == Role.PRODUCES).count() == 1
                && axes.stream()
                        .filter(axis -> axis.role() == Role.PRODUCES)
                        .allMatch(axis -> axis.layout().blocks().size() == 1
                                && axis.layout().blocks().get(0).inner() == 1);
    }

    private static double[] bias(NetworkGraph graph, String layer) {
        Parameter bias = graph.vertex(layer).parameters().get("b");
        return bias.value().toDoubles();
    }

    private static double[] product(SparseMatrix matrix, double[] vector) {
        return Arrays.stream(matrix.toDense())
                .mapToDouble(row -> {
                    double sum = 0;
                    for (int i = 0; i < row.length; i++) {
                        sum += row[i] * vector[i];
                    }
                    return sum;
                })
                .toArray();
    }
}
