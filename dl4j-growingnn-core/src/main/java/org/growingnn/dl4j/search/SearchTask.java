package org.growingnn.dl4j.search;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.growingnn.dl4j.action.ActionGenerator;
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
 * @param rejected actions that must not be chosen for the root, because they were tried and taken back; nor are those that go further
 * @param seed what all randomness derives from
 * @param executor evaluates candidates; how many at once does not influence the result
 * @param cancellation asks the search to end with what it has found so far
 * @param observer told about every evaluation, on the searching thread
 * @param target what costs every graded and chosen network has to meet, if any; the actions then are those on layers only, since widths
 *     follow from the target
 */
public record SearchTask(
        NetworkGraph root,
        ActionGenerator actions,
        Projection projection,
        Evaluator evaluator,
        Set<StructuralAction> rejected,
        long seed,
        CandidateExecutor executor,
        Cancellation cancellation,
        SearchObserver observer,
        Optional<Target> target) {

    /**
     * Makes a search without a target.
     *
     * @param root the network to improve
     * @param actions lists applicable actions
     * @param projection how weights follow
     * @param evaluator grades candidates
     * @param rejected actions that must not be chosen
     * @param seed what all randomness derives from
     * @param executor evaluates candidates
     * @param cancellation asks the search to end
     * @param observer told about every evaluation
     */
    public SearchTask(
            NetworkGraph root,
            ActionGenerator actions,
            Projection projection,
            Evaluator evaluator,
            Set<StructuralAction> rejected,
            long seed,
            CandidateExecutor executor,
            Cancellation cancellation,
            SearchObserver observer) {
        this(root, actions, projection, evaluator, rejected, seed, executor, cancellation, observer, Optional.empty());
    }

    /**
     * Checks that nothing is missing.
     *
     * @param root the network to improve
     * @param actions lists applicable actions
     * @param projection how weights follow
     * @param evaluator grades candidates
     * @param rejected actions that must not be chosen
     * @param seed what all randomness derives from
     * @param executor evaluates candidates
     * @param cancellation asks the search to end
     * @param observer told about every evaluation
     * @param target what costs every network has to meet, if any
     */
    public SearchTask {
        Objects.requireNonNull(root, "root");
        Objects.requireNonNull(actions, "actions");
        Objects.requireNonNull(projection, "projection");
        Objects.requireNonNull(evaluator, "evaluator");
        rejected = Set.copyOf(Objects.requireNonNull(rejected, "rejected"));
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(cancellation, "cancellation");
        Objects.requireNonNull(observer, "observer");
        Objects.requireNonNull(target, "target");
    }

    /**
     * Gives the same search with a target.
     *
     * @param wanted what costs every network has to meet
     * @return the search
     */
    public SearchTask to(Target wanted) {
        return new SearchTask(
                root,
                actions,
                projection,
                evaluator,
                rejected,
                seed,
                executor,
                cancellation,
                observer,
                Optional.of(wanted));
    }

    /** Two networks at a target are equally small, so that none is to be preferred for its size. */
    double margin(double margin) {
        return target.isPresent() ? 0 : margin;
    }

    /**
     * Tells whether an action may be chosen for the root.
     *
     * @param action an action
     * @return false if it was taken back, or if it goes as far as one that was, see {@link StructuralAction#goesAsFarAs}
     */
    public boolean allows(StructuralAction action) {
        return !rejected.contains(action) && rejected.stream().noneMatch(taken -> action.goesAsFarAs(taken, root));
    }

    /**
     * Lists what may be chosen, as every strategy of the library does: generators without end are asked for no more than there are
     * evaluations for, and those that repeat without end what cannot be used count as exhausted, with a warning. An interrupt of the
     * calling thread ends the list like the task's cancellation.
     *
     * @param evaluations how many candidates the search can evaluate, ≥ 1
     * @return the candidates one action away from the root, no-op first
     */
    public RootActions rootActions(int evaluations) {
        return new Ledger(this, Budget.unlimited().withMaxEvaluations(evaluations)).rootActions();
    }

    /**
     * The seed of evaluations. All candidates of one search get the same, so that they are trained with the same batches and the same
     * dropped-out units, and differences between their grades come from the candidates.
     */
    long evaluationSeed() {
        return Seeds.derive(seed, "evaluation");
    }
}
