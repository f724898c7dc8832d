package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.testing.SearchStrategyContract;
import org.junit.jupiter.api.Test;

/** What tree search pays for and what it makes of it; with the paper's rule where nothing else is said. */
class TreeSearchTest extends SearchStrategyContract {

    @Override
    protected SearchStrategy strategy() {
        return MonteCarloTreeSearch.paper().maxEvaluations(120).build();
    }

    @Override
    protected SearchStrategy limited(int evaluations) {
        return MonteCarloTreeSearch.paper().maxEvaluations(evaluations).build();
    }

    private static Evaluator graded(ToDoubleFunction<NetworkGraph> grade) {
        return (candidate, seed, cancellation) -> new Grade(grade.applyAsDouble(candidate), candidate);
    }

    /** A training that shows: it adds a little to every weight. */
    private static NetworkGraph trained(NetworkGraph network) {
        List<Vertex> vertices = new ArrayList<>();
        for (Vertex vertex : network.vertices()) {
            Map<String, Parameter> parameters = new HashMap<>();
            vertex.parameters().forEach((key, parameter) -> {
                double[] values = parameter.value().toDoubles();
                for (int i = 0; i < values.length; i++) {
                    values[i] += 0.125;
                }
                Tensor value = parameter.value().like(parameter.value().shape(), values);
                parameters.put(key, Parameter.of(value));
            });
            vertices.add(vertex.withParameters(parameters));
        }
        return network.with(vertices);
    }

    @Test
    void nothing_follows_doing_nothing() {
        for (MonteCarloTreeSearch.Builder builder :
                List.of(MonteCarloTreeSearch.builder(), MonteCarloTreeSearch.paper())) {
            for (int depth : new int[] {0, 1, 2, 5}) {
                SearchResult result = builder.rolloutDepth(depth).build().search(task(conservative(), 2, Set.of()));
                ActionStatistics noOp = result.statistics().get(0);
                assertThat(noOp.meanScore()).isCloseTo(0.9, within(1e-12));
                assertThat(result.action()).isEqualTo(new NoOp());
                assertThat(paths(observed)).noneMatch(path -> path.indexOf(new NoOp()) >= 0 && path.size() > 1);
                assertThat(result.tree().children().get(0).children()).isEmpty();
            }
        }
    }

    @Test
    void what_was_evaluated_once_is_never_evaluated_and_charged_again() {
        for (int batch : new int[] {1, 4, 8}) {
            for (int depth : new int[] {0, 1, 2}) {
                List<ContentHash> seen = Collections.synchronizedList(new ArrayList<>());
                Evaluator training = (candidate, seed, cancellation) -> {
                    seen.add(ContentHash.of(candidate));
                    return new Grade(1.0 / candidate.parameterCount(), trained(candidate));
                };
                SearchResult result = MonteCarloTreeSearch.builder()
                        .maxEvaluations(100)
                        .rolloutDepth(depth)
                        .batchSize(batch)
                        .build()
                        .search(task(training, 1, Set.of()));
                assertThat(seen).as("batch %d, depth %d", batch, depth).doesNotHaveDuplicates();
                assertThat(result.evaluations()).isEqualTo(seen.size()).isEqualTo(100);
            }
        }
    }

    @Test
    void networks_of_equal_structure_that_kept_other_units_or_trained_longer_share_no_grade() {
        // The grade shows the training, which no other path to the same widths has had as much of.
        Evaluator training = (candidate, seed, cancellation) -> {
            double weight = candidate.vertex("d3").parameters().get("b").value().get(0);
            return new Grade(weight, trained(candidate));
        };
        SearchResult result = MonteCarloTreeSearch.builder()
                .backup(BackupRule.LAST)
                .maxEvaluations(200)
                .build()
                .search(task(training, 2, Set.of()));
        Map<Integer, Set<Double>> byLength = new HashMap<>();
        for (Evaluated evaluated : observed) {
            byLength.computeIfAbsent(evaluated.candidate().path().size(), key -> new HashSet<>())
                    .add(((Grade) evaluated.evaluation()).score());
        }
        // Paths of the tree are trained once, at their end; a rollout adds a training for each further action.
        assertThat(byLength.get(1)).containsExactly(0.0);
        assertThat(byLength.get(3)).contains(0.25);
        assertThat(result.tree().best()).isEqualTo(0.25);
    }

    @Test
    void first_visits_are_equally_deep_whatever_the_budget() {
        for (Map.Entry<Integer, Integer> expected :
                Map.of(11, 0, 20, 0, 21, 1, 30, 1, 31, 2, 60, 2).entrySet()) {
            limited(expected.getKey()).search(task(small(), 2, Set.of()));
            int sweep = 1 + 10 * (1 + expected.getValue());
            Map<StructuralAction, Integer> perAction = new HashMap<>();
            paths(observed).subList(0, sweep).forEach(path -> perAction.merge(path.get(0), 1, Integer::sum));
            assertThat(perAction).hasSize(11);
            perAction.forEach((action, count) -> assertThat(count)
                    .as("%s with a budget of %d", action, expected.getKey())
                    .isEqualTo(action instanceof NoOp ? 1 : 1 + expected.getValue()));
        }
    }

    @Test
    void no_grade_that_was_paid_for_is_lost() {
        for (BackupRule rule : BackupRule.values()) {
            for (int limit : new int[] {1, 2, 11, 12, 22, 32, 33, 40}) {
                SearchResult result = MonteCarloTreeSearch.builder()
                        .backup(rule)
                        .maxEvaluations(limit)
                        .build()
                        .search(task(small(), 2, Set.of()));
                Evaluated best = observed.stream()
                        .max(java.util.Comparator.comparingDouble(some -> ((Grade) some.evaluation()).score()))
                        .orElseThrow();
                assertThat(result.tree().best()).isEqualTo(((Grade) best.evaluation()).score());
                assertThat(result.tree().bestSequence())
                        .isEqualTo(best.candidate().path());
            }
        }
    }

    @Test
    void backup_rules_take_the_last_the_best_or_the_mean_of_a_rollouts_grades() {
        List<BackupRule.Value> grades = List.of(
                new BackupRule.Value(0.3, 0.01), new BackupRule.Value(0.9, 0.02), new BackupRule.Value(0.6, 0.06));
        assertThat(BackupRule.LAST.of(grades)).isEqualTo(grades.get(2));
        assertThat(BackupRule.BEST.of(grades)).isEqualTo(grades.get(1));
        assertThat(BackupRule.MEAN.of(grades).score()).isCloseTo(0.6, within(1e-12));
        assertThat(BackupRule.MEAN.of(grades).error()).isCloseTo(0.03, within(1e-12));
    }

    @Test
    void scaled_values_find_among_grades_that_hardly_differ_what_the_paper_leaves_to_chance() {
        Evaluator close = graded(candidate -> 0.9 + (candidate.space("d2").size() == 18 ? 0.005 : 0));
        int most = visits(MonteCarloTreeSearch.builder().rolloutDepth(0).scaledValues(true), close);
        int uniform = visits(MonteCarloTreeSearch.builder().rolloutDepth(0).scaledValues(false), close);
        assertThat(most).isGreaterThan(2 * uniform);
    }

    private int visits(MonteCarloTreeSearch.Builder builder, Evaluator evaluator) {
        return builder.maxEvaluations(100).build().search(task(evaluator, 1, Set.of())).statistics().stream()
                .filter(statistic -> statistic.action().equals(new RemoveNeurons("d2", 0.1, 1)))
                .mapToInt(ActionStatistics::visits)
                .sum();
    }

    @Test
    void the_papers_rule_is_one_combination() {
        assertThat(MonteCarloTreeSearch.paper().build())
                .isEqualTo(new MonteCarloTreeSearch(
                        Budget.unlimited().withMaxEvaluations(100),
                        2,
                        Math.sqrt(2),
                        false,
                        BackupRule.LAST,
                        4,
                        0,
                        java.util.OptionalDouble.empty(),
                        java.util.Optional.empty()));
    }

    @Test
    void a_generator_that_fails_on_a_variant_ends_the_look_ahead_there() {
        SearchResult result = limited(60)
                .search(task(
                        graph -> {
                            if (graph.space("d1").size() == 2) {
                                throw new IllegalStateException("no actions for two units");
                            }
                            return actions.generate(graph);
                        },
                        small(),
                        2,
                        Set.of(),
                        7,
                        Cancellation.never()));
        assertThat(result.complete()).isTrue();
        assertThat(result.failures())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.reason()).contains("no actions for two units"));
    }

    @Test
    void a_look_ahead_ends_where_a_generator_goes_on_for_ever_with_nothing() {
        ActionGenerator nothing = new Endless(i -> new NoOp(), 1_000_000);
        ActionGenerator generator = graph ->
                graph.structureHash().equals(root.structureHash()) ? actions.generate(graph) : nothing.generate(graph);
        assertThat(ExhaustionTest.warnings(() -> {
                    SearchResult result =
                            limited(40).search(task(generator, small(), 2, Set.of(), 7, Cancellation.never()));
                    assertThat(result.complete()).isTrue();
                    assertThat(result.evaluations()).isEqualTo(11);
                }))
                .anyMatch(warning -> warning.contains(generator.toString()));
    }

    @Test
    void a_look_ahead_that_is_cancelled_takes_no_more_actions() {
        Cancellation cancellation = new Cancellation();
        ActionGenerator cancelling = new Endless(
                i -> {
                    if (i == 100) {
                        cancellation.cancel("enough");
                    }
                    return new NoOp();
                },
                100);
        ActionGenerator generator = graph -> graph.structureHash().equals(root.structureHash())
                ? actions.generate(graph)
                : cancelling.generate(graph);
        SearchResult result = MonteCarloTreeSearch.builder()
                .maxEvaluations(60)
                .rolloutDepth(0)
                .build()
                .search(task(generator, small(), 2, Set.of(), 7, cancellation));
        assertThat(result.complete()).isTrue();
        assertThat(result.evaluations()).isEqualTo(11);
    }

    @Test
    void a_large_limit_of_evaluations_is_a_limit_of_actions_too() {
        ActionGenerator generator = new Endless(i -> new RemoveNeurons("d1", 0.1 + 0.8 / (i + 1), 1), 1_000_000);
        SearchTask task = task(generator, small(), 1, Set.of(), 7, Cancellation.never());
        RootActions some = new Ledger(task, Budget.unlimited().withMaxEvaluations(200_000)).rootActions();
        assertThat(some.candidates()).hasSize(100_000);
        assertThat(some.more()).isTrue();
    }
}
