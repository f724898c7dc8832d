package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;

/**
 * One search.
 *
 * @param root the network to improve
 * @param actions lists applicable actions
 * @param projection how weights follow
 * @param evaluator grades candidates
 * @param rejected actions that must not be chosen for the root, because they were tried and taken back
 * @param seed what all randomness derives from
 * @param workers runs evaluations; their number does not influence the result
 * @param progress told after every evaluation, on the searching thread
 */
public record SearchTask(
        NetworkGraph root,
        ActionGenerator actions,
        Projection projection,
        Evaluator evaluator,
        Set<StructuralAction> rejected,
        long seed,
        ExecutorService workers,
        Consumer<SearchProgress> progress) {

    /**
     * Checks that nothing is missing.
     *
     * @param root the network to improve
     * @param actions lists applicable actions
     * @param projection how weights follow
     * @param evaluator grades candidates
     * @param rejected actions that must not be chosen
     * @param seed what all randomness derives from
     * @param workers runs evaluations
     * @param progress told after every evaluation
     */
    public SearchTask {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(actions, "actions");
        Objects.requireNonNull(projection, "projection");
        Objects.requireNonNull(evaluator, "evaluator");
        rejected = Set.copyOf(rejected);
        Objects.requireNonNull(workers, "workers");
        Objects.requireNonNull(progress, "progress");
    }

    /**
     * The seed of evaluations. All candidates of one search get the same, so that they are trained with the same batches and the same
     * dropped-out units, and differences between their grades come from the candidates.
     */
    long evaluationSeed() {
        return Seeds.derive(seed, "evaluation");
    }

    /** Lists the root's actions: no-op first, then what the generator gives, without the rejected ones. */
    List<StructuralAction> rootActions() {
        List<StructuralAction> result = new ArrayList<>();
        result.add(new NoOp());
        actions.generate(root).filter(action -> !rejected.contains(action)).forEach(result::add);
        return result;
    }
}
