package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.PruningResult.Reached;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.LatencyTable.Layer;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.LatencyMeter;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;

/** Targets of latency by a table that was written by hand, and by a clock of the test's own. */
class LatencyTargetTest {

    private static final InputType VECTORS = InputType.feedForward(5);
    private static final int FIRST = 7;
    private static final int SECOND = 6;

    /** 5 features, 7 and 6 units, 3 classes. */
    private static final LatencyTable TABLE = new LatencyTable(
            4,
            100,
            List.of(
                    new Layer("first", 50, 0, 20, 2),
                    new Layer("second", 30, 5, 10, 7),
                    new Layer("out", 10, 1, 0, 3)));

    private final MultiLayerNetwork model = model();

    private static MultiLayerNetwork model() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().name("first").nOut(FIRST).build())
                .layer(new DenseLayer.Builder().name("second").nOut(SECOND).build())
                .layer(new OutputLayer.Builder()
                        .name("out")
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(VECTORS)
                .build());
        model.init();
        RandomNetworks.randomize(model, new Random(3));
        return model;
    }

    private static long nanos(long first, long second) {
        return 100
                + 50
                + 20 * first
                + 2 * 5 * first
                + 30
                + 5 * first
                + 10 * second
                + 7 * first * second
                + 10
                + second
                + 3 * 3 * second;
    }

    private static PruningTarget nanos(long most) {
        return PruningTarget.latency(Duration.ofNanos(most));
    }

    private PruningResult prune(PruningTarget target) {
        return StructuralPruner.to(target).latencies(TABLE).prune(model);
    }

    @Test
    void the_latency_of_a_network_is_what_its_table_adds_up_to() {
        NetworkGraph network = Dl4jGraphs.read(model);
        NetworkGraph timed = network.with(network.origin().withLatencies(TABLE));
        assertThat(Cost.LATENCY.of(timed)).isEqualTo(nanos(FIRST, SECOND));
        assertThat(Cost.LATENCY.of(timed, "second")).isEqualTo(30 + 5 * 7 + 10 * 6 + 7 * 42);
        assertThat(timed.origin()).isEqualTo(network.origin());
    }

    @Test
    void every_goal_is_met_and_no_unit_is_gone_that_it_would_have_allowed() {
        long least = nanos(1, 1);
        for (long goal = least; goal < nanos(FIRST, SECOND); goal += 13) {
            PruningResult result = prune(nanos(goal));
            long first = result.network().space("first").size();
            long second = result.network().space("second").size();
            assertThat(result.reached())
                    .containsExactly(new Reached(Cost.LATENCY, nanos(FIRST, SECOND), nanos(first, second), goal));
            assertThat(nanos(first, second)).isLessThanOrEqualTo(goal);
            assertThat(first == FIRST ? Long.MAX_VALUE : nanos(first + 1, second))
                    .isGreaterThan(goal);
            assertThat(second == SECOND ? Long.MAX_VALUE : nanos(first, second + 1))
                    .isGreaterThan(goal);
            LatencyReport latency = result.latency().orElseThrow();
            assertThat(latency.predicted()).isEqualTo(Duration.ofNanos(nanos(first, second)));
            assertThat(latency.met()).isTrue();
            assertThat(latency.measured()).isEmpty();
            assertThat(latency.checks()).isZero();
        }
    }

    @Test
    void a_share_refers_to_the_model_as_it_was_given_and_targets_join() {
        PruningResult result = prune(PruningTarget.latencyLeft(0.5).and(PruningTarget.parametersLeft(0.6)));
        assertThat(result.reached()).extracting(Reached::cost).containsExactly(Cost.PARAMETERS, Cost.LATENCY);
        assertThat(result.reached()).allMatch(Reached::met);
        assertThat(result.reached().get(1).goal()).isEqualTo(nanos(FIRST, SECOND) / 2);
    }

    @Test
    void a_table_that_was_kept_repeats_all_decisions_bit_for_bit() {
        PruningResult first = prune(PruningTarget.latencyLeft(0.6));
        LatencyTable kept =
                LatencyTable.fromJson(first.latency().orElseThrow().table().toJson());
        PruningResult again = StructuralPruner.to(PruningTarget.latencyLeft(0.6))
                .latencies(kept)
                .prune(model);
        assertThat(again.graph().params()).isEqualTo(first.graph().params());
        assertThat(again.reached()).isEqualTo(first.reached());
        assertThat(again.latency()).isEqualTo(first.latency());
    }

    @Test
    void rounds_come_to_the_same_goal() {
        List<Long> widths = new ArrayList<>();
        PruningResult result = StructuralPruner.to(PruningTarget.latencyLeft(0.5))
                .latencies(TABLE)
                .rounds(2, (live, round, rounds) -> {
                    NetworkGraph network = Dl4jGraphs.read(live);
                    widths.add(nanos(
                            network.space("first").size(),
                            network.space("second").size()));
                })
                .prune(model);
        assertThat(widths).hasSize(2);
        assertThat(widths.get(0)).isLessThanOrEqualTo((long) (nanos(FIRST, SECOND) * Math.sqrt(0.5)));
        assertThat(widths.get(0)).isGreaterThan(widths.get(1));
        assertThat(result.reached().get(0).met()).isTrue();
    }

    /** Passes of the model and of a pruned one take turns; both kinds of passes ask twice. */
    private static LatencyMeter meter(long before, List<Long> after) {
        AtomicLong asked = new AtomicLong();
        AtomicLong now = new AtomicLong();
        int passes = 1;
        int perCheck = 2 * 2 * (LatencyMeter.WARM_UP + passes);
        return new LatencyMeter(passes, () -> {
            long number = asked.getAndIncrement();
            if (number % 2 == 0) {
                return now.get();
            }
            int check = (int) (number / perCheck);
            return now.addAndGet(number / 2 % 2 == 0 ? before : after.get(check));
        });
    }

    @Test
    void a_goal_that_the_clock_misses_is_tightened_by_the_factor_that_was_missed() {
        long goal = 600;
        List<Long> measured = List.of(900L, 590L);
        PruningResult untouched = prune(nanos(goal));
        PruningResult result = StructuralPruner.to(nanos(goal))
                .latencies(TABLE)
                .latencyChecks(4)
                .latencyMeter(meter(1000, measured))
                .prune(model);
        LatencyReport latency = result.latency().orElseThrow();
        assertThat(latency.checks()).isEqualTo(2);
        assertThat(latency.met()).isTrue();
        assertThat(latency.measured().orElseThrow())
                .isEqualTo(new LatencyReport.Measured(
                        Duration.ofNanos(1000), Duration.ofNanos(590), Optional.of(Duration.ofNanos(goal)), 1));
        long first = untouched.reached().get(0).after();
        assertThat(result.reached().get(0).after())
                .isEqualTo(prune(nanos(first * 600 / 900)).reached().get(0).after());
        assertThat(result.graph().numParams()).isEqualTo(result.network().parameterCount());
    }

    @Test
    void a_goal_that_the_clock_never_meets_is_told_by_how_much_and_which_layers_take_the_time() {
        PruningResult result = StructuralPruner.to(nanos(800))
                .latencies(TABLE)
                .latencyChecks(3)
                .latencyMeter(meter(5000, List.of(1200L, 1150L, 1100L)))
                .prune(model);
        LatencyReport latency = result.latency().orElseThrow();
        assertThat(latency.checks()).isEqualTo(3);
        assertThat(latency.met()).isFalse();
        assertThat(latency.missedBy()).isEqualTo(Duration.ofNanos(300));
        assertThat(List.copyOf(latency.layers().values())).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(latency.layers().keySet()).containsExactlyInAnyOrder("first", "second", "out");
        String slowest = latency.layers().keySet().iterator().next();
        assertThat(latency.describe())
                .contains("missed by 0.300 µs", "4 examples", "'" + slowest + "'", "check 3", "median of 1 passes");
    }

    @Test
    void measuring_ends_when_nothing_more_can_go() {
        List<Long> measured = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            measured.add(1_000_000L);
        }
        PruningResult result = StructuralPruner.to(nanos(800))
                .latencies(TABLE)
                .latencyChecks(50)
                .latencyMeter(meter(5000, measured))
                .prune(model);
        assertThat(result.latency().orElseThrow().checks()).isEqualTo(2);
        assertThat(result.network().space("first").size()).isEqualTo(1);
    }

    @Test
    void a_share_is_measured_against_the_model_as_it_was_given() {
        PruningResult result = StructuralPruner.to(PruningTarget.latencyLeft(0.5))
                .latencies(TABLE)
                .latencyChecks(1)
                .latencyMeter(meter(4000, List.of(2100L)))
                .prune(model);
        assertThat(result.latency().orElseThrow().missedBy()).isEqualTo(Duration.ofNanos(100));
    }

    @Test
    void a_model_that_is_fast_enough_by_the_table_but_not_by_the_clock_is_pruned() {
        PruningResult kept = prune(nanos(2000));
        assertThat(kept.graph().params()).isEqualTo(model.params());
        assertThat(kept.latency().orElseThrow().met()).isTrue();
        PruningResult result = StructuralPruner.to(nanos(2000))
                .latencies(TABLE)
                .latencyChecks(2)
                .latencyMeter(meter(4000, List.of(4000L, 4000L, 1900L)))
                .prune(model);
        assertThat(result.latency().orElseThrow().met()).isTrue();
        assertThat(result.reached().get(0).after()).isLessThanOrEqualTo(nanos(FIRST, SECOND) / 2);
    }

    @Test
    void without_a_table_layers_are_measured_first() {
        AtomicLong now = new AtomicLong();
        PruningResult result = StructuralPruner.to(PruningTarget.latency(Duration.ofSeconds(1)))
                .latencyMeter(new LatencyMeter(1, () -> now.addAndGet(1000)))
                .latencyChecks(0)
                .prune(model, VECTORS);
        LatencyReport latency = result.latency().orElseThrow();
        assertThat(latency.table().examples()).isEqualTo(1);
        assertThat(latency.table().layers()).extracting(Layer::name).containsExactly("first", "second", "out");
    }

    @Test
    void a_target_out_of_reach_tells_by_how_much_and_which_layers_take_most_of_it() {
        long least = nanos(1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prune(nanos(least - 7)))
                .withMessageContainingAll(
                        least + " of " + nanos(FIRST, SECOND) + " nanoseconds of latency are left, 7 more than the "
                                + (least - 7),
                        "'first' (80)",
                        "A pass takes 100 beside its layers",
                        "\nMaybe");
    }

    @Test
    void a_table_of_another_network_is_refused_by_the_name_of_the_layer() {
        LatencyTable other = new LatencyTable(1, 0, TABLE.layers().subList(0, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(nanos(5)).latencies(other).prune(model))
                .withMessageContainingAll("'out'", "[first, second]", "\nMaybe");
    }

    @Test
    void nonsense_is_refused() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofNanos(-5), Duration.ofDays(2))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PruningTarget.latency(wrong))
                    .withMessageContainingAll(wrong.toString(), "\nMaybe");
        }
        for (double wrong : new double[] {0, 1, -0.5, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PruningTarget.latencyLeft(wrong))
                    .withMessageContaining(String.valueOf(wrong));
        }
        assertThatNullPointerException().isThrownBy(() -> PruningTarget.latency(null));
        StructuralPruner.Builder builder = StructuralPruner.to(PruningTarget.reduction(0.5));
        assertThatNullPointerException().isThrownBy(() -> builder.latencies(null));
        assertThatNullPointerException().isThrownBy(() -> builder.latencyMeter(null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.latencyChecks(-1))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.latencies(TABLE).build())
                .withMessageContainingAll("no effect", "\nMaybe");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.5))
                        .latencyMeter(new LatencyMeter())
                        .build())
                .withMessageContaining("no effect");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> StructuralPruner.to(nanos(5)).leaveOutInputs(0.5).build())
                .withMessageContainingAll("leaveOutInputs(0.5)", "\nMaybe");
    }

    @Test
    void how_far_the_latency_can_fall_follows_from_the_table() {
        NetworkGraph network = Dl4jGraphs.read(model);
        NetworkGraph timed = network.with(network.origin().withLatencies(TABLE));
        GlobalRanking ranking = new GlobalRanking(timed, Criteria.gain(), space -> Limits.NONE, space -> false);
        assertThat(ranking.largestShare(Cost.LATENCY)).isEqualTo(1 - (double) nanos(1, 1) / nanos(FIRST, SECOND));
    }
}
