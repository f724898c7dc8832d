package org.growingnn.dl4j.search;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.growingnn.dl4j.action.NoOp;

/** Chooses among the children of a node. */
sealed interface SelectionRule {

    /**
     * Chooses.
     *
     * @param free children that may be selected, at least one, in the order in which they are offered
     * @param range what values have been seen
     */
    TreeNode choose(List<TreeNode> free, ValueRange range);

    /** {@code v + c · √(ln N / n)}, unvisited children first (Auer et al. 2002). */
    record Ucb1(double explorationConstant) implements SelectionRule {
        @Override
        public TreeNode choose(List<TreeNode> free, ValueRange range) {
            return free.stream()
                    .filter(child -> child.started() == 0)
                    .findFirst()
                    .orElseGet(() -> greatest(
                            free,
                            child -> range.scaled(child.expected())
                                    + explorationConstant
                                            * Math.sqrt(Math.log(child.parentStarted()) / child.started())));
        }
    }

    /** {@code v + c · P · √N / (1 + n)}, in which v is the parent's for unvisited children (Silver et al. 2017). */
    record Puct(double explorationConstant) implements SelectionRule {
        @Override
        public TreeNode choose(List<TreeNode> free, ValueRange range) {
            TreeNode first = free.get(0);
            // Whether any change pays shows only beside what doing nothing scores.
            if (first.candidate().action() instanceof NoOp && first.started() == 0) {
                return first;
            }
            return greatest(
                    free,
                    child -> range.scaled(child.expected())
                            + explorationConstant
                                    * child.prior()
                                    * Math.sqrt(child.parentStarted())
                                    / (1 + child.started()));
        }
    }

    /** Finds the greatest, the first of several equal ones. */
    static TreeNode greatest(List<TreeNode> nodes, ToDoubleFunction<TreeNode> value) {
        TreeNode greatest = nodes.get(0);
        double most = value.applyAsDouble(greatest);
        for (TreeNode node : nodes) {
            double score = value.applyAsDouble(node);
            if (score > most) {
                greatest = node;
                most = score;
            }
        }
        return greatest;
    }
}
