package org.growingnn.dl4j.search;

import java.util.List;
import java.util.Objects;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;

/**
 * What a search visited, as plain values for reports. Searches that do not look ahead have a root and one level of children.
 *
 * @param action what leads from the parent to this node; no-op at the root
 * @param visits how often it was tried with success
 * @param mean mean of the values backed up through it; NaN if there are none
 * @param best the best single grade found at or below it; NaN if there is none
 * @param bestSequence the actions that lead from this node to that grade
 * @param children those that were visited, in the order of the generator
 */
public record SearchTree(
        StructuralAction action,
        int visits,
        double mean,
        double best,
        List<StructuralAction> bestSequence,
        List<SearchTree> children) {

    /**
     * Copies the lists.
     *
     * @param action what leads from the parent to this node
     * @param visits how often it was tried with success
     * @param mean mean of the values backed up through it
     * @param best the best single grade found at or below it
     * @param bestSequence the actions that lead from this node to that grade
     * @param children those that were visited
     */
    public SearchTree {
        Objects.requireNonNull(action, "action");
        bestSequence = List.copyOf(bestSequence);
        children = List.copyOf(children);
    }

    /**
     * Makes the tree of a search that does not look ahead, in which every action has one value.
     *
     * @param statistics what was found out about each root action
     * @return the root with one level of children
     */
    public static SearchTree flat(List<ActionStatistics> statistics) {
        List<SearchTree> children = statistics.stream()
                .filter(some -> some.visits() > 0)
                .map(some -> new SearchTree(
                        some.action(), some.visits(), some.meanScore(), some.meanScore(), List.of(), List.of()))
                .toList();
        SearchTree best = null;
        for (SearchTree child : children) {
            best = best == null || child.best > best.best ? child : best;
        }
        return new SearchTree(
                new NoOp(),
                children.stream().mapToInt(SearchTree::visits).sum(),
                children.stream().mapToDouble(SearchTree::mean).average().orElse(Double.NaN),
                best == null ? Double.NaN : best.best,
                best == null ? List.of() : List.of(best.action),
                children);
    }
}
