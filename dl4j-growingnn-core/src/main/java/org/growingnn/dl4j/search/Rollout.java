package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;

/** A leaf's variant followed by random actions, each of which continues from where the training before it ended. */
final class Rollout {

    private final TreeNode leaf;
    private final int depth;
    private final SplittableRandom random;
    private final List<BackupRule.Value> grades = new ArrayList<>();
    private Candidate current;
    private @Nullable NetworkGraph trained;
    private boolean open = true;

    /**
     * Starts.
     *
     * @param depth how many random actions may follow
     * @param seed of this rollout alone
     */
    Rollout(TreeNode leaf, int depth, long seed) {
        this.leaf = leaf;
        this.depth = depth;
        this.random = new SplittableRandom(seed);
        this.current = leaf.candidate();
    }

    TreeNode leaf() {
        return leaf;
    }

    /** What is to be evaluated next. */
    Candidate current() {
        return current;
    }

    List<BackupRule.Value> grades() {
        return grades;
    }

    /** Whether something is to be evaluated yet. */
    boolean open() {
        return open;
    }

    void end() {
        open = false;
        trained = null;
    }

    /** Takes the grade of the current candidate. */
    void accept(BackupRule.Value grade, @Nullable NetworkGraph network) {
        grades.add(grade);
        leaf.credit(grade.score(), current.path());
        // A grade from before comes without the trained network from which alone the rollout could go on.
        if (grades.size() > depth || network == null) {
            end();
        } else {
            trained = network;
        }
    }

    /** The candidate from which random actions continue. */
    Candidate continued() {
        return current.trained(trained);
    }

    /** Draws the next action; without any, the rollout ends. */
    void step(List<Candidate> following) {
        if (following.isEmpty()) {
            end();
        } else {
            current = following.get(random.nextInt(following.size()));
            trained = null;
        }
    }
}
