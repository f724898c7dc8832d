package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.training.AnswerDivergence;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Pruning without labels and training, whose widths are searched. */
class SearchedWidthsTest {

    private final ComputationGraph model = TestData.trainedGraph();
    private final Models.State before = Models.state(model);

    private static DataSetIterator unlabelled() {
        List<DataSet> batches = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            batches.add(new DataSet(TestData.cloud(40, i).getFeatures(), null));
        }
        return new ExistingDataSetIterator(batches);
    }

    private static StructuralPruner.Builder pruner(PruningTarget target) {
        return StructuralPruner.to(target).calibrate(unlabelled()).calibrationBatches(4);
    }

    private double divergence(PruningResult result) {
        return AnswerDivergence.from(
                        Dl4jGraphs.read(model), TrainingData.of(unlabelled()), 4, Integer.MAX_VALUE, Long.MAX_VALUE)
                .of(result.network());
    }

    @Test
    void answers_are_no_farther_from_the_originals_than_by_the_ranking_and_the_costs_are_met() {
        for (PruningTarget target : List.of(
                PruningTarget.reduction(0.6),
                PruningTarget.parametersLeft(0.5).and(PruningTarget.macsLeft(0.4)),
                PruningTarget.fileSize(3000))) {
            PruningResult ranked =
                    pruner(target).criterion(Criteria.share(Criteria.taylor())).prune(model);
            PruningResult searched = pruner(target).searchWidths(40).prune(model);
            assertThat(searched.reached()).allMatch(PruningResult.Reached::met);
            assertThat(divergence(searched)).isLessThanOrEqualTo(divergence(ranked));
            assertThat(Models.state(pruner(target).searchWidths(40).prune(model).graph()))
                    .isEqualTo(Models.state(searched.graph()));
        }
        assertThat(Models.state(model)).isEqualTo(before);
    }

    @Test
    void limits_exclusions_and_input_features_are_respected() {
        PruningResult result = pruner(PruningTarget.reduction(0.4))
                .exclude("layer1")
                .limits(new Limits(2, 0.9, 2))
                .leaveOutInputs(0.5)
                .searchWidths(30)
                .prune(model);
        assertThat(result.network().space("layer1").size())
                .isEqualTo(Dl4jGraphs.read(model).space("layer1").size());
        assertThat(result.network().space("layer0").size() % 2).isZero();
        assertThat(result.reached()).allMatch(PruningResult.Reached::met);
    }

    @Test
    void settings_that_make_no_sense_with_it_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> StructuralPruner.to(PruningTarget.reduction(0.5)).searchWidths(0))
                .withMessageContaining("searchWidths (0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StructuralPruner.to(PruningTarget.reduction(0.5))
                        .searchWidths(10)
                        .build())
                .withMessageContainingAll("searchWidths(10)", "calibrate(");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        pruner(PruningTarget.latencyLeft(0.5)).searchWidths(10).build())
                .withMessageContainingAll("searchWidths(10)", "contradicts the target");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pruner(PruningTarget.reduction(0.5))
                        .searchWidths(10)
                        .rounds(2, (live, round, rounds) -> {})
                        .build())
                .withMessageContainingAll("searchWidths(10)", "rounds(2");
    }
}
