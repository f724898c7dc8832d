package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.AllocationSearch.Found;
import org.growingnn.dl4j.projection.AllocationSearch.Objective;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.junit.jupiter.api.Test;

/** What the search for widths finds, against trying all of them. */
class AllocationSearchTest {

    private static final double SHARE = 0.3;

    private final NetworkGraph network = network();
    private final WidthCosts costs = new WidthCosts(network);
    private final double limit = SHARE * network.parameterCount();
    private final List<String> names = network.spaces().stream()
            .filter(UnitSpace::resizable)
            .map(UnitSpace::name)
            .toList();

    private static NetworkGraph network() {
        ListBuilder layers = new NeuralNetConfiguration.Builder().seed(1).list();
        for (int width : new int[] {24, 16, 20}) {
            layers.layer(new DenseLayer.Builder().nOut(width).build());
        }
        MultiLayerNetwork model = new MultiLayerNetwork(
                layers.layer(new OutputLayer.Builder().nOut(4).build())
                        .setInputType(InputType.feedForward(12))
                        .build());
        model.init();
        return Dl4jGraphs.read(model);
    }

    private AllocationSearch search(Limits limits) {
        return new AllocationSearch(
                new Allocations(network, space -> limits, space -> false, Map.of(Cost.PARAMETERS, limit)));
    }

    /** Each layer loses by what it has less, and one variant loses more than the other. */
    private Objective losses(double... weights) {
        return (variant, widths) -> {
            double loss = 0.01 * (1 - variant);
            for (int s = 0; s < weights.length; s++) {
                loss += weights[s] / widths.get(names.get(s));
            }
            // Narrow layers harm each other.
            return loss + weights[0] * weights[2] / (widths.get(names.get(0)) * widths.get(names.get(2)));
        };
    }

    private Map<String, Integer> widths(int first, int second, int third) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        widths.put(names.get(0), first);
        widths.put(names.get(1), second);
        widths.put(names.get(2), third);
        return widths;
    }

    private double best(Objective objective) {
        double best = Double.POSITIVE_INFINITY;
        for (int first = 1; first <= 24; first++) {
            for (int second = 1; second <= 16; second++) {
                for (int third = 1; third <= 20; third++) {
                    Map<String, Integer> widths = widths(first, second, third);
                    if (costs.of(Cost.PARAMETERS, widths) <= limit) {
                        best = Math.min(best, objective.of(1, widths));
                    }
                }
            }
        }
        return best;
    }

    @Test
    void it_comes_near_to_the_best_of_all_widths_wherever_that_is() {
        Map<String, Integer> start = widths(10, 6, 5);
        assertThat(costs.of(Cost.PARAMETERS, start)).isLessThanOrEqualTo(limit);
        for (double[] weights : new double[][] {{1, 1, 1}, {9, 1, 1}, {1, 9, 1}, {1, 1, 9}, {0.1, 5, 5}, {5, 0.1, 5}}) {
            Objective objective = losses(weights);
            double begun = objective.of(0, start);
            Found found = search(Limits.NONE).search(List.of(start, start), objective, 120);
            assertThat(found.variant()).isEqualTo(1);
            assertThat(costs.of(Cost.PARAMETERS, found.widths())).isLessThanOrEqualTo(limit);
            double possible = best(objective);
            assertThat(found.grade())
                    .as("of %s, where %s begins and %s is possible", found, begun, possible)
                    .isEqualTo(objective.of(found.variant(), found.widths()))
                    .isLessThan(possible + 0.06 * (begun - possible) + 0.01);
        }
    }

    @Test
    void it_asks_once_for_each_network_and_no_more_often_than_allowed_and_keeps_the_limits() {
        Map<Object, Integer> asked = new HashMap<>();
        List<Map<String, Integer>> seen = new ArrayList<>();
        Map<String, Integer> start = widths(12, 8, 4);
        for (int most : new int[] {1, 2, 7, 40}) {
            asked.clear();
            Found found = search(new Limits(3, 0.9, 4))
                    .search(
                            List.of(start, start),
                            (variant, widths) -> {
                                asked.merge(List.of(variant, widths), 1, Integer::sum);
                                seen.add(widths);
                                return losses(3, 2, 1).of(variant, widths);
                            },
                            most);
            assertThat(asked.values()).containsOnly(1);
            assertThat(asked).hasSize(found.evaluations());
            assertThat(found.evaluations()).isBetween(1, most);
        }
        assertThat(seen).allSatisfy(widths -> {
            assertThat(costs.of(Cost.PARAMETERS, widths)).isLessThanOrEqualTo(limit);
            assertThat(widths.values()).allMatch(width -> width % 4 == 0);
        });
    }

    @Test
    void what_cannot_be_taken_is_not_and_the_start_stays_where_there_is_nothing_else() {
        Map<String, Integer> start = widths(10, 6, 5);
        Found found = search(Limits.NONE)
                .search(List.of(start), (variant, widths) -> widths.equals(start) ? 3 : Double.POSITIVE_INFINITY, 50);
        assertThat(found.widths()).isEqualTo(start);
        assertThat(found.grade()).isEqualTo(3);
        assertThat(search(Limits.NONE)
                        .search(List.of(start), (variant, widths) -> Double.POSITIVE_INFINITY, 50)
                        .widths())
                .isEqualTo(start);
    }
}
