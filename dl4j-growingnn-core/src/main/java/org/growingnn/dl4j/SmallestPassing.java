package org.growingnn.dl4j;

import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.PruningTarget.Check;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.RandomState;

/**
 * Finds the smallest network of one ranking that passes a check.
 *
 * @param run how candidates are made
 * @param check what they must pass
 */
record SmallestPassing(PruningRun run, Check check) {

    PruningResult find() {
        if (!passes(run.initial(), 1)) {
            throw new IllegalArgumentException(
                    "The model does not pass the check as it is, before anything is removed.\n"
                            + "Maybe the check asks for more than the model can do, or is given other data than it was trained on?");
        }
        NetworkGraph rated = run.first().apply(run.start());
        GlobalRanking ranking = new GlobalRanking(rated, run.rating(rated), run.rules()::limits, run.rules()::keeps);
        int[] steps = ranking.steps();
        NetworkGraph smallest = run.start();
        Map<String, int[]> kept = Map.of();
        int checks = 1;
        // The network at the lower step passed, that at the upper one failed or does not exist.
        int passed = 0;
        int failed = steps.length;
        while (failed - passed > 1 && checks < check.most()) {
            int middle = (passed + failed) >>> 1;
            Map<String, int[]> selection = PruningRun.withFollowing(rated, ranking.without(steps[middle]));
            NetworkGraph candidate = FiniteWeights.require(
                    run.reduce(rated, selection),
                    "The reduction for check " + (checks + 1) + " leaves",
                    "the calibration data hold values that are infinite, no numbers, or much too large");
            checks++;
            if (passes(candidate, checks)) {
                smallest = candidate;
                kept = selection;
                passed = middle;
            } else {
                failed = middle;
            }
        }
        return run.result(smallest, kept, checks, Optional.empty());
    }

    @SuppressWarnings("try") // The state is only kept.
    private boolean passes(NetworkGraph network, int number) {
        ComputationGraph live = ModelWriter.toComputationGraph(network);
        try (RandomState kept = RandomState.keep(run.settings().seed("check", number))) {
            return check.passes().test(live);
        } finally {
            LiveModel.release(live);
        }
    }
}
