package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.testing.Models;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

/** One reading and one calibration serve many targets. */
class PreparedModelTest {

    private final ComputationGraph model = TestData.trainedGraph();
    private final Models.State before = Models.state(model);

    private static ListDataSetIterator<DataSet> data(AtomicInteger read) {
        return new ListDataSetIterator<>(TestData.cloud(60, 1).asList(), 20) {
            private static final long serialVersionUID = 1L;

            @Override
            public DataSet next() {
                read.incrementAndGet();
                return super.next();
            }
        };
    }

    private static StructuralPruner pruner(PruningTarget target, AtomicInteger read, boolean rounds) {
        StructuralPruner.Builder builder = StructuralPruner.to(target).calibrate(data(read));
        if (rounds) {
            builder.rounds(2, (live, round, of) -> live.fit(TestData.cloud(60, 2)));
        }
        return builder.build();
    }

    @Test
    void results_are_those_of_pruners_that_were_made_for_each_target() {
        for (boolean rounds : new boolean[] {false, true}) {
            PreparedModel prepared = pruner(PruningTarget.reduction(0.9), new AtomicInteger(), rounds)
                    .prepare(model);
            for (PruningTarget target : new PruningTarget[] {
                PruningTarget.reduction(0.3),
                PruningTarget.widths(Map.of("layer0", 5, "layer1", 4)),
                PruningTarget.macs(0.6),
                // Met already.
                PruningTarget.parametersAtMost(1_000_000)
            }) {
                PruningResult result = prepared.prune(target);

                PruningResult expected =
                        pruner(target, new AtomicInteger(), rounds).prune(model);
                assertThat(Models.state(result.graph())).isEqualTo(Models.state(expected.graph()));
                assertThat(result.kept()).usingRecursiveComparison().isEqualTo(expected.kept());
            }
        }
        assertThat(Models.state(model)).isEqualTo(before);
    }

    @Test
    void calibration_data_are_passed_once() {
        AtomicInteger read = new AtomicInteger();
        PreparedModel prepared =
                pruner(PruningTarget.reduction(0.5), read, false).prepare(model);
        prepared.prune(PruningTarget.reduction(0.2));
        int once = read.get();

        for (int percent = 30; percent < 80; percent += 10) {
            prepared.prune(PruningTarget.reduction(percent / 100.0));
        }

        assertThat(once).isPositive();
        assertThat(read.get()).isEqualTo(once);
    }

    @Test
    void a_target_that_settings_contradict_is_refused_by_name() {
        PreparedModel prepared = StructuralPruner.to(PruningTarget.reduction(0.5))
                .leaveOutInputs(0.2)
                .build()
                .prepare(model);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> prepared.prune(PruningTarget.latencyLeft(0.5)))
                .withMessageContaining("leaveOutInputs(0.2)");
    }
}
