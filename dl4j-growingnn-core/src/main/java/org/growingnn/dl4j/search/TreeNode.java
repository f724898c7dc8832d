package org.growingnn.dl4j.search;

import java.util.List;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.jspecify.annotations.Nullable;

/** A node of the search tree: a variant of the root with what was found at and below it. */
final class TreeNode {

    private final @Nullable TreeNode parent;
    private final Candidate candidate;
    private @Nullable List<TreeNode> children;
    private List<TreeNode> ranked = List.of();
    private double prior;
    private boolean previewed;
    private int visits;
    private int pending;
    private double total;
    private double totalError;
    private double best = Double.NaN;
    private List<StructuralAction> bestPath = List.of();
    private boolean failed;
    private boolean closed;
    private int blockedIn = -1;

    TreeNode(@Nullable TreeNode parent, Candidate candidate) {
        this.parent = parent;
        this.candidate = candidate;
        this.closed = parent != null && parent.closed;
    }

    Candidate candidate() {
        return candidate;
    }

    /** Doing nothing has nothing behind it: what could follow are the root's other actions. */
    boolean terminal() {
        return parent != null && candidate.action() instanceof NoOp;
    }

    boolean expanded() {
        return children != null;
    }

    /** The children in the order of the generator; none before expansion. */
    List<TreeNode> children() {
        return children == null ? List.of() : children;
    }

    /** The children in the order in which they are offered. */
    List<TreeNode> ranked() {
        return ranked;
    }

    void expand(List<TreeNode> inOrder, List<TreeNode> byRank) {
        children = inOrder;
        ranked = byRank;
    }

    double prior() {
        return prior;
    }

    void prior(double value, boolean known) {
        prior = value;
        previewed = known;
    }

    boolean previewed() {
        return previewed;
    }

    int visits() {
        return visits;
    }

    /** Visits under way count as visits, so that one batch spreads over the tree. */
    int started() {
        return visits + pending;
    }

    int parentStarted() {
        return Math.max(1, parent == null ? 1 : parent.started());
    }

    double mean() {
        return visits == 0 ? Double.NaN : total / visits;
    }

    double meanError() {
        return visits == 0 ? 0 : totalError / visits;
    }

    /** The mean, and before the first visit the parent's. */
    double expected() {
        return visits > 0 || parent == null ? mean() : parent.mean();
    }

    boolean failed() {
        return failed;
    }

    void fail() {
        failed = true;
        close();
    }

    /** Whether what is at and below this node is known, or is found elsewhere in the tree, too. */
    boolean closed() {
        return closed;
    }

    /** Closes this node, and the parents whose children are all closed. */
    void close() {
        for (TreeNode node = this; node != null; node = node.parent) {
            if (node != this && !node.ranked.stream().allMatch(TreeNode::closed)) {
                return;
            }
            node.closed = true;
        }
    }

    /**
     * Whether a batch may select this node: not if its first visit is under way, which would only be repeated.
     *
     * @param unknown whether it must lead to a network that is not known
     */
    boolean free(int batch, boolean unknown) {
        return !failed && !(unknown && closed) && blockedIn != batch && (visits > 0 || pending == 0);
    }

    /** Leaves the node out for the rest of a batch, because nothing below it is free. */
    void block(int batch) {
        blockedIn = batch;
    }

    void enter() {
        for (TreeNode node = this; node != null; node = node.parent) {
            node.pending++;
        }
    }

    void leave() {
        for (TreeNode node = this; node != null; node = node.parent) {
            node.pending--;
        }
    }

    void backup(BackupRule.Value value) {
        for (TreeNode node = this; node != null; node = node.parent) {
            node.visits++;
            node.total += value.score();
            node.totalError += value.error();
        }
        if (terminal()) {
            close();
        }
    }

    /** Remembers a grade that was found at or below this node, if it is the best. */
    void credit(double score, List<StructuralAction> path) {
        for (TreeNode node = this; node != null; node = node.parent) {
            if (!(score <= node.best)) {
                node.best = score;
                node.bestPath = path;
            }
        }
    }

    ActionStatistics statistics() {
        return new ActionStatistics(candidate.action(), visits, mean());
    }

    SearchTree summary() {
        int depth = candidate.path().size();
        return new SearchTree(
                candidate.action(),
                visits,
                mean(),
                best,
                bestPath.subList(Math.min(depth, bestPath.size()), bestPath.size()),
                children().stream()
                        .filter(child -> child.visits > 0)
                        .map(TreeNode::summary)
                        .toList());
    }

    @Override
    public String toString() {
        return candidate + ": " + visits + " visits, mean " + mean();
    }
}
