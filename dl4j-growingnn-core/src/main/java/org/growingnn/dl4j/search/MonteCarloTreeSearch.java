package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;

/**
 * Monte Carlo tree search with the UCB1 rule, as in the GrowingNN paper.
 *
 * <ul>
 *   <li>Selection descends to the child with the largest {@code v + c · √(ln N / n)} (v mean value, n own visits, N the
 *       parent's visits, c the exploration constant), unvisited children first.
 *   <li>Expansion gives a visited node one child per applicable action.
 *   <li>A rollout applies the child's action and then up to {@code rolloutDepth} random applicable actions. Every
 *       intermediate network is briefly trained and graded, and training goes on from there; the last grade is backed up.
 *   <li>The answer is the root action with the most visits; the best mean decides ties.
 * </ul>
 *
 * <p>Doing nothing is always among the root's actions. A structure that is reached twice is evaluated once. Rollouts run in
 * batches of a fixed size on the workers, and every random stream derives from the seed and the path in the tree, so the
 * result does not depend on the number of workers.
 */
public final class MonteCarloTreeSearch implements SearchStrategy {

    /** A batch without a new evaluation means that all structures in reach are known; this many end the search. */
    private static final int IDLE_BATCHES = 25;

    private final Budget budget;
    private final int rolloutDepth;
    private final double explorationConstant;
    private final int batchSize;

    private MonteCarloTreeSearch(Builder builder) {
        this.budget = builder.budget.orDefault();
        this.rolloutDepth = builder.rolloutDepth;
        this.explorationConstant = builder.explorationConstant;
        this.batchSize = builder.batchSize;
    }

    /**
     * Starts with the defaults: 100 evaluations, rollouts of depth 2, exploration constant √2.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean isDeterministic() {
        return budget.timeLimit().isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new Run(task).search();
    }

    @Override
    public String toString() {
        return "mcts(" + budget + ", rolloutDepth=" + rolloutDepth + ", explorationConstant=" + explorationConstant
                + ", batchSize=" + batchSize + ")";
    }

    /** A node of the tree: a root action followed by further ones. */
    private static final class Node {
        private final Node parent;
        private final StructuralAction action;
        private List<Node> children;
        private int visits;
        private int pending;
        private double total;

        private Node(Node parent, StructuralAction action) {
            this.parent = parent;
            this.action = action;
        }

        private double mean() {
            return visits == 0 ? Double.NaN : total / visits;
        }

        /** Visits under way count as visits, so that one batch spreads over the tree. */
        private double ucb1(double explorationConstant) {
            int parentVisits = Math.max(1, parent.visits + parent.pending);
            double value = visits > 0 ? mean() : parent.visits > 0 ? parent.mean() : 0;
            return value + explorationConstant * Math.sqrt(Math.log(parentVisits) / (visits + pending));
        }

        private List<StructuralAction> path() {
            List<StructuralAction> path = parent == null ? new ArrayList<>() : parent.path();
            if (action != null) {
                path.add(action);
            }
            return path;
        }

        private void enter() {
            for (Node node = this; node != null; node = node.parent) {
                node.pending++;
            }
        }

        private void leave() {
            for (Node node = this; node != null; node = node.parent) {
                node.pending--;
            }
        }

        private void backup(double value) {
            for (Node node = this; node != null; node = node.parent) {
                node.visits++;
                node.total += value;
            }
        }
    }

    /** What one rollout found, by structure; without a value if there was no time to evaluate anything. */
    private record Rollout(Node leaf, double value, Map<String, Double> evaluated) {}

    private final class Run {
        private final SearchTask task;
        private final Budget.Meter meter = budget.start();
        private final Node root = new Node(null, null);
        private final Map<String, Double> transpositions = new HashMap<>();

        private Run(SearchTask task) {
            this.task = task;
            this.root.children = task.rootActions().stream()
                    .map(action -> new Node(root, action))
                    .toList();
        }

        private SearchResult search() {
            // With nothing to choose from there is nothing to find out.
            if (root.children.size() > 1) {
                visitEveryRootAction();
                int idle = 0;
                while (!meter.exhausted() && idle < IDLE_BATCHES) {
                    int before = meter.evaluations();
                    List<Node> leaves = new ArrayList<>();
                    while (leaves.size() < batchSize) {
                        Node leaf = select();
                        leaf.enter();
                        leaves.add(leaf);
                    }
                    rollOut(leaves, 0);
                    idle = meter.evaluations() == before ? idle + 1 : 0;
                }
            }
            Node best = leader();
            return new SearchResult(
                    best.action,
                    best.mean(),
                    root.children.stream()
                            .map(child -> new ActionStatistics(child.action, child.visits, child.mean()))
                            .toList(),
                    meter.evaluations(),
                    meter.elapsed(),
                    root.children.size() == 1 || root.children.stream().allMatch(child -> child.visits > 0));
        }

        private void visitEveryRootAction() {
            root.children.forEach(Node::enter);
            rollOut(root.children, 1);
        }

        private Node select() {
            Node node = root;
            while (true) {
                if (node != root && node.visits + node.pending == 0) {
                    return node;
                }
                if (node.children == null) {
                    // A node whose first visit is still under way, and "do nothing", have no successors.
                    if (node.visits == 0 || node.action instanceof NoOp) {
                        return node;
                    }
                    expand(node);
                }
                if (node.children.isEmpty()) {
                    return node;
                }
                Node unvisited = node.children.stream()
                        .filter(child -> child.visits + child.pending == 0)
                        .findFirst()
                        .orElse(null);
                node = unvisited != null
                        ? unvisited
                        : first(
                                node.children,
                                Comparator.comparingDouble((Node child) -> child.ucb1(explorationConstant)));
            }
        }

        private void expand(Node node) {
            NetworkGraph graph = Actions.replay(task.root(), node.path(), task.projection());
            node.children = task.actions()
                    .generate(graph)
                    .map(action -> new Node(node, action))
                    .toList();
        }

        /**
         * Rolls out from leaves in parallel.
         *
         * @param reserve evaluations to leave for each of the leaves that follow, so that none of them goes without
         */
        private void rollOut(List<Node> leaves, int reserve) {
            List<Callable<Rollout>> rollouts = new ArrayList<>();
            int left = meter.evaluationsLeft();
            for (int i = 0; i < leaves.size(); i++) {
                Node leaf = leaves.get(i);
                int reserved = reserve * (leaves.size() - 1 - i);
                int allowance = Math.min(1 + rolloutDepth, Math.max(Math.min(left, 1), left - reserved));
                left -= allowance;
                int attempt = leaf.visits + leaf.pending;
                rollouts.add(() -> rollOut(leaf, attempt, allowance));
            }
            List<Rollout> finished = new ArrayList<>();
            // Results are used only after the whole batch: which structures are known must not depend on timing.
            Parallel.forEach(task.workers(), rollouts, rollout -> {
                finished.add(rollout);
                meter.spend(rollout.evaluated.size());
                rollout.leaf.leave();
                if (!Double.isNaN(rollout.value)) {
                    rollout.leaf.backup(rollout.value);
                    Node leader = leader();
                    task.progress()
                            .accept(new SearchProgress(
                                    meter.evaluations(), meter.elapsed(), leader.action, leader.mean()));
                }
            });
            finished.forEach(rollout -> rollout.evaluated.forEach(transpositions::putIfAbsent));
        }

        private Rollout rollOut(Node leaf, int attempt, int allowance) {
            List<StructuralAction> path = leaf.path();
            SplittableRandom random = new SplittableRandom(Seeds.derive(task.seed(), path, attempt));
            NetworkGraph graph = Actions.replay(task.root(), path, task.projection());
            Map<String, Double> evaluated = new HashMap<>();
            double value = Double.NaN;
            for (int depth = 0; depth <= rolloutDepth; depth++) {
                if (depth > 0) {
                    List<StructuralAction> further =
                            task.actions().generate(graph).toList();
                    if (further.isEmpty()) {
                        break;
                    }
                    graph = further.get(random.nextInt(further.size())).apply(graph, task.projection());
                }
                Double known = known(graph, evaluated);
                if (known != null) {
                    value = known;
                } else if (evaluated.size() < allowance && meter.timeLeft()) {
                    Evaluator.Evaluation evaluation =
                            task.evaluator().evaluate(graph, Seeds.derive(task.seed(), graph.structureHash()));
                    value = evaluation.score();
                    evaluated.put(graph.structureHash(), value);
                    graph = evaluation.trained();
                } else {
                    break;
                }
            }
            return new Rollout(leaf, value, evaluated);
        }

        private Double known(NetworkGraph graph, Map<String, Double> evaluated) {
            Double known = transpositions.get(graph.structureHash());
            return known != null ? known : evaluated.get(graph.structureHash());
        }

        private Node leader() {
            return first(
                    root.children,
                    Comparator.comparingInt((Node child) -> child.visits)
                            .thenComparingDouble(child -> child.visits == 0 ? 0 : child.mean()));
        }
    }

    /** Finds the greatest node, the first of several equal ones. */
    private static Node first(List<Node> nodes, Comparator<Node> comparator) {
        Node greatest = nodes.get(0);
        for (Node node : nodes) {
            if (comparator.compare(node, greatest) > 0) {
                greatest = node;
            }
        }
        return greatest;
    }

    /** Collects the settings. */
    public static final class Builder {

        private Budget budget = Budget.unlimited();
        private int rolloutDepth = 2;
        private double explorationConstant = Math.sqrt(2);
        private int batchSize = 4;

        private Builder() {}

        /**
         * Limits the wall time of one search. Results then depend on the machine's speed.
         *
         * @param limit &gt; 0
         * @return this builder
         */
        public Builder timeLimit(Duration limit) {
            budget = budget.withTimeLimit(limit);
            return this;
        }

        /**
         * Limits the number of candidates that one search trains and grades; 100 when neither limit is set.
         *
         * @param count ≥ 1
         * @return this builder
         */
        public Builder maxEvaluations(int count) {
            budget = budget.withMaxEvaluations(count);
            return this;
        }

        /**
         * Chooses how many random actions follow the chosen one in a rollout.
         *
         * @param depth ≥ 0
         * @return this builder
         */
        public Builder rolloutDepth(int depth) {
            if (depth < 0) {
                throw new IllegalArgumentException("The rolloutDepth (" + depth + ") must not be negative.");
            }
            rolloutDepth = depth;
            return this;
        }

        /**
         * Chooses how much the search prefers rarely tried actions over good ones.
         *
         * @param constant ≥ 0; √2 is UCB1's own for values spread over [0, 1]
         * @return this builder
         */
        public Builder explorationConstant(double constant) {
            if (!(constant >= 0) || Double.isInfinite(constant)) {
                throw new IllegalArgumentException(
                        "The explorationConstant (" + constant + ") must be finite and not negative.");
            }
            explorationConstant = constant;
            return this;
        }

        /**
         * Chooses how many rollouts are selected before their results are used. It is part of the search's definition, not
         * of the machine's: any number of workers gives the same result.
         *
         * @param rollouts ≥ 1; at least the number of workers keeps them all busy
         * @return this builder
         */
        public Builder batchSize(int rollouts) {
            if (rollouts < 1) {
                throw new IllegalArgumentException("The batchSize (" + rollouts + ") must be at least 1.");
            }
            batchSize = rollouts;
            return this;
        }

        /**
         * Finishes.
         *
         * @return the strategy
         */
        public MonteCarloTreeSearch build() {
            return new MonteCarloTreeSearch(this);
        }
    }
}
