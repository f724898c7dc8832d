package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.PruneGlobally;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Criteria and rankings where calibration knows only some of a network, and criteria that do not rate as they should. */
class PartialCalibrationTest {

    private static final List<String> SPACES = List.of("d1", "d2", "d3");

    /** Vertices of which nothing is known any more. */
    static Stream<Set<String>> lost() {
        return Stream.of(
                Set.of("d1"),
                Set.of("d2"),
                Set.of("d3"),
                Set.of("d1", "d2"),
                Set.of("d2", "d3"),
                Set.of("d3", "d4"),
                Set.of("d1", "d2", "d3"),
                Set.of("d1", "d2", "d3", "d4"));
    }

    @ParameterizedTest
    @MethodSource("lost")
    void a_ranking_takes_units_from_all_spaces_as_if_calibration_were_complete(Set<String> lost) {
        for (Criterion criterion :
                List.of(Criteria.taylor(), Criteria.fisher(), Criteria.activation(), Criteria.pivotedQr())) {
            assertSimilarRemovals(Criteria.share(criterion), lost, 0.13);
        }
    }

    /** Ratings that are not put into relation to their space depend on how well the scale of what is missing is estimated. */
    @ParameterizedTest
    @MethodSource("lost")
    void a_ranking_by_plain_ratings_neither_empties_nor_spares_what_is_not_known(Set<String> lost) {
        for (Criterion criterion :
                List.of(Criteria.taylor(), Criteria.fisher(), Criteria.activation(), Criteria.pivotedQr())) {
            assertSimilarRemovals(criterion, lost, 0.26);
        }
    }

    private static void assertSimilarRemovals(Criterion criterion, Set<String> lost, double tolerance) {
        NetworkGraph full = calibrated();
        Map<String, Double> expected = removed(full, criterion);
        Map<String, Double> found = removed(without(full, lost), criterion);
        assertThat(expected.values()).allMatch(share -> share > 0);
        for (String space : SPACES) {
            assertThat(found.get(space))
                    .as(criterion.name() + " takes of " + space + " (with all: " + expected + ", now: " + found + ")")
                    .isCloseTo(expected.get(space), offset(tolerance));
        }
    }

    @Test
    void a_space_of_which_nothing_is_known_is_rated_by_its_weights_on_the_scale_of_the_others() {
        NetworkGraph graph = without(calibrated(), Set.of("d2", "d3"));
        UnitSpace unknown = graph.space("d2");
        double[] ratings = Criteria.taylor().rate(graph, unknown);
        double[] gains = Criteria.gain().rate(graph, unknown);
        double scale = (sum(Criteria.taylor(), graph, "d1") + sum(Criteria.taylor(), graph, "d3"))
                / (sum(Criteria.gain(), graph, "d1") + sum(Criteria.gain(), graph, "d3"));
        for (int unit = 0; unit < ratings.length; unit++) {
            assertThat(ratings[unit]).isCloseTo(scale * gains[unit], within(1e-12 * ratings[unit]));
        }
        UnitMap map = Projections.selection(Criteria.taylor()).map(graph, unknown, 5);
        assertThat(map.selected().orElseThrow()).containsExactly(GlobalRanking.best(gains, 5));
    }

    @Test
    void the_side_of_a_unit_of_which_nothing_is_known_counts_as_much_as_the_other() {
        NetworkGraph full = calibrated();
        NetworkGraph onlyProducer = without(full, Set.of("d2"));
        double[] ratings = Criteria.taylor().rate(onlyProducer, full.space("d1"));
        Calibration known = full.calibration().orElseThrow();
        double[] weights = full.vertex("d1").parameters().get("W").value().toDoubles();
        double[] slopes = known.gradients().get("d1").get("W").toDoubles();
        double[] biases = full.vertex("d1").parameters().get("b").value().toDoubles();
        double[] biasSlopes = known.gradients().get("d1").get("b").toDoubles();
        for (int unit = 0; unit < ratings.length; unit++) {
            double incoming = Math.abs(biases[unit] * biasSlopes[unit]);
            for (int i = unit; i < weights.length; i += ratings.length) {
                incoming += Math.abs(weights[i] * slopes[i]);
            }
            assertThat(ratings[unit]).isCloseTo(2 * incoming, within(1e-12));
        }
    }

    @Test
    void taylor_adds_up_absolute_products_of_all_weights_and_summed_gradients() {
        NetworkGraph graph = calibrated();
        double[] expected = new double[(int) graph.space("d2").size()];
        for (String vertex : List.of("d2", "d3")) {
            graph.vertex(vertex).parameters().forEach((key, parameter) -> {
                Tensor gradient = graph.calibration()
                        .orElseThrow()
                        .gradients()
                        .get(vertex)
                        .get(key);
                for (int i = 0; i < parameter.value().length(); i++) {
                    double term = Math.abs(parameter.value().get(i) * gradient.get(i));
                    if (vertex.equals("d2")) {
                        expected[i % expected.length] += term;
                    } else if (key.equals("W")) {
                        expected[i / (int) parameter.value().size(1)] += term;
                    }
                }
            });
        }
        assertThat(Criteria.taylor().rate(graph, graph.space("d2"))).containsExactly(expected, within(1e-12));
    }

    @Test
    void removal_of_a_share_of_the_network_after_a_layer_was_added_takes_from_all_spaces() {
        NetworkGraph graph = without(calibrated(), Set.of("d3", "d4"));
        NetworkGraph pruned = new PruneGlobally(0.3, 1).apply(graph, Projections.selection(Criteria.taylor()));
        for (String space : SPACES) {
            assertThat(pruned.space(space).size())
                    .as(space)
                    .isLessThan(graph.space(space).size())
                    .isGreaterThan(graph.space(space).size() / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"similarity", "similarity-area", "clusters"})
    void spaces_without_activations_keep_the_units_of_the_largest_gain(String name) {
        NetworkGraph graph = without(calibrated(), Set.of("d2"));
        UnitSpace space = graph.space("d2");
        assertThat(Projections.named(name).map(graph, space, 4).selected().orElseThrow())
                .containsExactly(GlobalRanking.best(Criteria.gain().rate(graph, space), 4));
    }

    // --- what criteria must give

    @Test
    void ratings_that_are_not_numbers_are_refused_with_the_criterion_and_the_space() {
        assertRefused(new Fixed(rating(16, Double.NaN)), "rated unit 3 of 'd1' NaN");
    }

    @Test
    void a_wrong_number_of_ratings_is_refused_with_the_criterion_and_the_space() {
        assertRefused(new Fixed(rating(15, 1)), "15 ratings for the 16 units of 'd1'");
    }

    private static void assertRefused(Criterion criterion, String part) {
        NetworkGraph graph = calibrated();
        UnitSpace space = graph.space("d1");
        for (Criterion wrapped : List.of(criterion, Criteria.share(criterion), Criteria.relative(criterion))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new GlobalRanking(graph, wrapped, any -> Limits.NONE, any -> false))
                    .withMessageContaining("'broken'")
                    .withMessageContaining(part);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Projections.selection(wrapped).map(graph, space, 4))
                    .withMessageContaining("'broken'")
                    .withMessageContaining(part);
        }
    }

    private static double[] rating(int size, double third) {
        double[] ratings = new double[size];
        Arrays.fill(ratings, 1);
        ratings[3] = third;
        return ratings;
    }

    private record Fixed(double[] ratings) implements Criterion {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            return ratings;
        }
    }

    // --- networks

    private static double sum(Criterion criterion, NetworkGraph graph, String layer) {
        return Arrays.stream(criterion.rate(graph, graph.space(layer))).sum();
    }

    /** What share of each space goes when a third of the parameters goes. */
    private static Map<String, Double> removed(NetworkGraph graph, Criterion criterion) {
        Map<String, int[]> kept =
                new GlobalRanking(graph, criterion, any -> Limits.NONE, any -> false).reduceBy(Cost.PARAMETERS, 0.33);
        Map<String, Double> shares = new LinkedHashMap<>();
        for (String name : SPACES) {
            UnitSpace space = graph.space(name);
            int[] units = kept.get(space.name());
            shares.put(name, units == null ? 0 : 1 - units.length / (double) space.size());
        }
        return shares;
    }

    /**
     * A network whose units differ in importance, which shows on both of their sides, and in their activations, as it does in trained
     * networks: back-propagation gives both sides of a rectified unit the same sum of weights times gradients.
     */
    private static NetworkGraph calibrated() {
        NetworkGraph equal = RefitSolutionTest.chain(16, 16, 16, 16, 16);
        Random random = new Random(8);
        Map<String, Map<String, Tensor>> gradients = new LinkedHashMap<>();
        Map<String, Map<String, Tensor>> squares = new LinkedHashMap<>();
        Map<String, Activations> activations = new LinkedHashMap<>();
        List<Vertex> vertices = new ArrayList<>();
        double[] before = new double[16];
        Arrays.fill(before, 1);
        for (Vertex vertex : equal.vertices()) {
            double[] arriving = before;
            double[] strength = random.doubles(16, -0.8, 0.8).map(Math::exp).toArray();
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            Map<String, Tensor> own = new LinkedHashMap<>();
            Map<String, Tensor> ownSquares = new LinkedHashMap<>();
            vertex.parameters().forEach((key, parameter) -> {
                boolean weight = parameter.value().rank() == 2;
                double[] values = parameter.value().toDoubles();
                double[] slopes = random.doubles(values.length, -1e-3, 1e-3).toArray();
                for (int i = 0; i < values.length; i++) {
                    double factor = strength[i % 16] * (weight ? arriving[i / 16] : 1);
                    values[i] *= factor;
                    slopes[i] *= factor;
                }
                parameters.put(
                        key,
                        Parameter.of(parameter.value().like(parameter.value().shape(), values)));
                own.put(key, Tensor.wrap(parameter.value().shape(), slopes));
                ownSquares.put(
                        key,
                        Tensor.wrap(
                                parameter.value().shape(),
                                Arrays.stream(slopes).map(g -> g * g).toArray()));
            });
            vertices.add(vertex.withParameters(parameters));
            gradients.put(vertex.name(), own);
            squares.put(vertex.name(), ownSquares);
            activations.put(
                    vertex.name(),
                    activations(random, Arrays.stream(strength).map(f -> f * f).toArray()));
            before = strength;
        }
        return equal.with(vertices).with(Optional.of(new Calibration(gradients, squares, Map.of(), activations)));
    }

    private static Activations activations(Random random, double[] strength) {
        int units = strength.length;
        double[][] values = new double[200][units];
        double[] mean = new double[units];
        double[] products = new double[units * units];
        for (double[] row : values) {
            Arrays.setAll(row, i -> 1e-3 * strength[i] * Math.max(0, random.nextGaussian()));
            for (int i = 0; i < units; i++) {
                mean[i] += row[i] / values.length;
                for (int j = 0; j < units; j++) {
                    products[i * units + j] += row[i] * row[j] / values.length;
                }
            }
        }
        return new Activations(mean, products);
    }

    private static NetworkGraph without(NetworkGraph graph, Set<String> lost) {
        return graph.with(graph.calibration().map(calibration -> calibration.only(name -> !lost.contains(name))));
    }
}
