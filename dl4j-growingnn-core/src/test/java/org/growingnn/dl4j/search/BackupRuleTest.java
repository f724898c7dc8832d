package org.growingnn.dl4j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Chains;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Why the best grade of a rollout is backed up unless told otherwise: a simulation with known values and noisy grades. */
class BackupRuleTest {

    private static final int RUNS = 24;
    private static final int GENERATIONS = 3;
    private static final int EVALUATIONS = 60;
    private static final double NOISE = 0.01;

    private final CandidateExecutor executor = new ThreadExecutor(1);

    @AfterEach
    void stopWorkers() {
        executor.close();
    }

    /** What the widths of two layers, as shares of 20, are worth. */
    private record Landscape(String name, ToDoubleBiFunction<Double, Double> worth) {
        double of(NetworkGraph network) {
            return worth.applyAsDouble(
                    network.space("d1").size() / 20.0, network.space("d2").size() / 20.0);
        }

        /** As much noise as a grading set of some hundred examples, the same whenever the same network is graded. */
        Evaluator noisy(long run) {
            return (candidate, seed, cancellation) -> {
                long widths = candidate.space("d1").size() * 1000
                        + candidate.space("d2").size();
                double noise = new SplittableRandom(Seeds.derive(run, widths)).nextDouble(-1, 1) * Math.sqrt(3) * NOISE;
                return new Grade(of(candidate) + noise, NOISE, candidate);
            };
        }
    }

    private static double accuracy(double share) {
        return share >= 0.3 ? 1 : share / 0.3;
    }

    /** Effects that add up; a valley before the goal; and a network that should stay as it is. */
    private static final List<Landscape> LANDSCAPES = List.of(
            new Landscape("sum", (a, b) -> 0.4 * accuracy(a) + 0.4 * accuracy(b) + 0.1 / (1 + a) + 0.1 / (1 + b)),
            new Landscape("valley", (a, b) -> a <= 0.5 && b <= 0.5 ? 0.9 : a <= 0.5 || b <= 0.5 ? 0.6 : 0.7),
            new Landscape("settled", (a, b) -> 0.9 - 0.05 * Math.abs(a - 1) - 0.05 * Math.abs(b - 1)));

    private double reached(Landscape landscape, MonteCarloTreeSearch search, long run) {
        ActionGenerator generator = Actions.neurons();
        NetworkGraph network = Chains.dense(6, 20, 20, 3);
        for (int generation = 0; generation < GENERATIONS; generation++) {
            ActionGenerator bounded =
                    graph -> graph.space("d1").size() > 60 || graph.space("d2").size() > 60
                            ? Stream.empty()
                            : generator.generate(graph);
            network = search.search(new SearchTask(
                            network,
                            bounded,
                            Projections.paper(),
                            landscape.noisy(run),
                            Set.of(),
                            run * GENERATIONS + generation,
                            executor,
                            Cancellation.never(),
                            SearchObserver.none()))
                    .chosen()
                    .network();
        }
        return landscape.of(network);
    }

    private double mean(BackupRule rule, Landscape landscape) {
        MonteCarloTreeSearch search = MonteCarloTreeSearch.builder()
                .maxEvaluations(EVALUATIONS)
                .backup(rule)
                .build();
        return LongStream.range(0, RUNS)
                .mapToDouble(run -> reached(landscape, search, run))
                .average()
                .orElseThrow();
    }

    @Test
    void the_default_reaches_the_best_networks_on_the_whole() {
        assertThat(MonteCarloTreeSearch.builder().build().backup()).isEqualTo(BackupRule.BEST);
        Map<BackupRule, Double> onTheWhole = new EnumMap<>(BackupRule.class);
        for (BackupRule rule : BackupRule.values()) {
            onTheWhole.put(
                    rule,
                    LANDSCAPES.stream()
                            .mapToDouble(landscape -> mean(rule, landscape))
                            .average()
                            .orElseThrow());
        }
        assertThat(onTheWhole.get(BackupRule.BEST))
                .isGreaterThan(onTheWhole.get(BackupRule.LAST))
                .isGreaterThan(onTheWhole.get(BackupRule.MEAN));
    }

    @Test
    void the_default_pays_less_than_the_noise_where_nothing_should_be_done() {
        assertThat(mean(BackupRule.BEST, LANDSCAPES.get(2))).isGreaterThan(0.9 - NOISE);
    }
}
