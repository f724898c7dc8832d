package org.growingnn.dl4j.search;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.jspecify.annotations.Nullable;

/**
 * Monte Carlo tree search, by default with the UCB1 rule, as in the GrowingNN paper.
 *
 * <ul>
 *   <li>Selection descends to the child with the largest {@code v + c · √(ln N / n)} (v mean value, n own visits, N the
 *       parent's visits, c the exploration constant), unvisited children first. With priors ({@link Builder#puct}) it is the child
 *       with the largest {@code v + c · P · √N / (1 + n)}, in which P is the action's prior and v the parent's mean for unvisited
 *       children, so that actions that do not look promising need not be tried at all.
 *   <li>Expansion gives a visited node one child per applicable action.
 *   <li>A rollout applies the child's action and then up to {@code rolloutDepth} random applicable actions. Every
 *       intermediate network is briefly trained and graded, and training goes on from there; the last grade is backed up.
 *   <li>The answer is the root action with the most visits; the best mean decides ties. If others that were visited at least half
 *       as often have means within the grading error of its own, the one of them that leaves the smallest network is taken.
 * </ul>
 *
 * <p>Doing nothing is always among the root's actions. A structure that is reached twice is evaluated once. Rollouts run in
 * batches of a fixed size on the workers, and every random stream derives from the seed and the path in the tree, so the
 * result does not depend on the number of workers. All candidates of a search are trained with the same seed.
 *
 * @param timeLimit wall time, if limited
 * @param maxEvaluations candidates, if limited; ≥ 1
 * @param rolloutDepth random actions that follow the chosen one, ≥ 0
 * @param explorationConstant finite and ≥ 0
 * @param batchSize rollouts that are selected before their results are used, ≥ 1
 * @param tieMargin how far below the best still counts as just as good, in standard errors; ≥ 0
 * @param temperature that of the priors, &gt; 0; without it there are no priors
 * @param widening how many children a node offers; all without it
 */
public record MonteCarloTreeSearch(
        Optional<Duration> timeLimit,
        OptionalInt maxEvaluations,
        int rolloutDepth,
        double explorationConstant,
        int batchSize,
        double tieMargin,
        OptionalDouble temperature,
        Optional<Widening> widening)
        implements SearchStrategy {

    /** A batch without a new evaluation means that all structures in reach are known; this many end the search. */
    private static final int IDLE_BATCHES = 25;

    /**
     * Checks the ranges.
     *
     * @param timeLimit wall time, if limited
     * @param maxEvaluations candidates, if limited
     * @param rolloutDepth random actions that follow the chosen one
     * @param explorationConstant finite and ≥ 0
     * @param batchSize rollouts that are selected before their results are used
     * @param tieMargin how far below the best still counts as just as good
     * @param temperature that of the priors
     * @param widening how many children a node offers
     */
    public MonteCarloTreeSearch {
        new Budget(timeLimit, maxEvaluations);
        Ties.requireMargin(tieMargin);
        if (rolloutDepth < 0) {
            throw new IllegalArgumentException("The rolloutDepth (" + rolloutDepth + ") must not be negative.");
        }
        if (!(explorationConstant >= 0) || Double.isInfinite(explorationConstant)) {
            throw new IllegalArgumentException(
                    "The explorationConstant (" + explorationConstant + ") must be finite and not negative.");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("The batchSize (" + batchSize + ") must be at least 1.");
        }
        temperature.ifPresent(value -> {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "The temperature (" + value + ") of priors must be finite and positive.\nMaybe 0.1?");
            }
        });
    }

    private Budget budget() {
        return new Budget(timeLimit, maxEvaluations);
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
        return timeLimit.isEmpty();
    }

    @Override
    public SearchResult search(SearchTask task) {
        return new Run(task).search();
    }

    /**
     * How many children a node offers: {@code ⌈factor · visits^exponent⌉}.
     *
     * @param factor finite and &gt; 0
     * @param exponent in [0, 1]
     */
    public record Widening(double factor, double exponent) {

        /**
         * Checks the ranges.
         *
         * @param factor finite and &gt; 0
         * @param exponent in [0, 1]
         */
        public Widening {
            if (!(factor > 0 && exponent >= 0 && exponent <= 1) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException(
                        "The factor (" + factor + ") of progressive widening must be positive and its exponent ("
                                + exponent + ") in [0, 1].\nMaybe 2 and 0.5?");
            }
        }

        private int offers(int visits) {
            return (int) Math.min(Integer.MAX_VALUE / 2, Math.ceil(factor * Math.pow(Math.max(1, visits), exponent)));
        }
    }

    /** A node of the tree: a root action followed by further ones. */
    private static final class Node {
        private final Node parent;
        private final StructuralAction action;
        private List<Node> children;
        private List<Node> ranked;
        private double prior;
        private boolean previewed;
        private int visits;
        private int pending;
        private double total;
        private double totalError;

        private Node(Node parent, StructuralAction action) {
            this.parent = parent;
            this.action = action;
        }

        private double mean() {
            return visits == 0 ? Double.NaN : total / visits;
        }

        /** Visits under way count as visits, so that one batch spreads over the tree. */
        private int started() {
            return visits + pending;
        }

        private double expected() {
            return visits > 0 ? mean() : parent.visits > 0 ? parent.mean() : 0;
        }

        private double ucb1(double explorationConstant) {
            int parentVisits = Math.max(1, parent.started());
            return expected() + explorationConstant * Math.sqrt(Math.log(parentVisits) / started());
        }

        private double puct(double explorationConstant) {
            int parentVisits = Math.max(1, parent.started());
            return expected() + explorationConstant * prior * Math.sqrt(parentVisits) / (1 + started());
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

        private void backup(Grade grade) {
            for (Node node = this; node != null; node = node.parent) {
                node.visits++;
                node.total += grade.score;
                node.totalError += grade.error;
            }
        }
    }

    private record Grade(double score, double error) {}

    /** What one rollout found, by structure; without a value if there was no time to evaluate anything. */
    private record Rollout(Node leaf, @Nullable Grade value, Map<String, Grade> evaluated) {}

    private record Preview(String structure, OptionalDouble score) {}

    private final class Run {
        private final SearchTask task;
        private final Budget.Meter meter = budget().start();
        private final Node root = new Node(null, null);
        private final Map<String, Grade> transpositions = new HashMap<>();
        private final Map<String, OptionalDouble> previews = new HashMap<>();
        /** As many as the latest selection could choose from: what a later one would add has not had its turn. */
        private int offeredAtRoot;

        private Run(SearchTask task) {
            this.task = task;
            expand(root, task.root(), task.rootActions());
            this.offeredAtRoot = offered(root).size();
        }

        private SearchResult search() {
            // With nothing to choose from there is nothing to find out.
            if (root.children.size() > 1) {
                if (temperature.isEmpty() && widening.isEmpty()) {
                    visitEveryRootAction();
                }
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
            Ties.Contender chosen = chosen();
            return new SearchResult(
                    chosen.action(),
                    chosen.score(),
                    root.children.stream()
                            .map(child -> new ActionStatistics(child.action, child.visits, child.mean()))
                            .toList(),
                    meter.evaluations(),
                    meter.elapsed(),
                    root.children.size() == 1 || complete());
        }

        private Ties.Contender chosen() {
            Node best = leader();
            double margin = best.visits == 0 ? 0 : tieMargin * best.totalError / best.visits;
            return Ties.smallest(
                    task,
                    contender(best),
                    margin,
                    root.children.stream()
                            .filter(child -> child.visits > 0 && 2 * child.visits >= best.visits)
                            .map(Run::contender)
                            .toList());
        }

        private static Ties.Contender contender(Node child) {
            return new Ties.Contender(child.action, child.mean());
        }

        private boolean complete() {
            return root.visits > 0
                    && root.ranked.subList(0, offeredAtRoot).stream()
                            .allMatch(child -> child.visits > 0 || child.previewed);
        }

        private void visitEveryRootAction() {
            root.children.forEach(Node::enter);
            rollOut(root.children, 1);
        }

        private Node select() {
            Node node = root;
            while (true) {
                if (node != root && node.started() == 0) {
                    return node;
                }
                if (node.children == null) {
                    // A node whose first visit is still under way, and "do nothing", have no successors.
                    if (node.visits == 0 || node.action instanceof NoOp) {
                        return node;
                    }
                    NetworkGraph graph = Actions.replay(task.root(), node.path(), task.projection());
                    expand(node, graph, task.actions().generate(graph).toList());
                }
                if (node.children.isEmpty()) {
                    return node;
                }
                List<Node> offered = offered(node);
                if (node == root) {
                    offeredAtRoot = offered.size();
                }
                node = temperature.isEmpty() ? byUcb1(offered) : byPuct(offered);
            }
        }

        private Node byUcb1(List<Node> nodes) {
            return nodes.stream()
                    .filter(child -> child.started() == 0)
                    .findFirst()
                    .orElseGet(() ->
                            first(nodes, Comparator.comparingDouble((Node child) -> child.ucb1(explorationConstant))));
        }

        private Node byPuct(List<Node> nodes) {
            // Whether any change pays shows only beside what doing nothing scores.
            if (nodes.get(0).action instanceof NoOp && nodes.get(0).started() == 0) {
                return nodes.get(0);
            }
            // A first visit that is under way would only be repeated; but all may be under way.
            List<Node> free = nodes.stream()
                    .filter(child -> child.visits > 0 || child.pending == 0)
                    .toList();
            return first(
                    free.isEmpty() ? nodes : free,
                    Comparator.comparingDouble((Node child) -> child.puct(explorationConstant)));
        }

        /** The children that may be selected, the best prior first; doing nothing does not compete for a place. */
        private List<Node> offered(Node node) {
            if (widening.isEmpty()) {
                return node.ranked;
            }
            int count = widening.get().offers(node.started()) + (node == root ? 1 : 0);
            return node.ranked.subList(0, Math.min(count, node.ranked.size()));
        }

        private void expand(Node node, NetworkGraph graph, List<StructuralAction> actions) {
            node.children =
                    actions.stream().map(action -> new Node(node, action)).toList();
            node.ranked = node.children;
            if (temperature.isPresent() && node.children.size() > 1) {
                previewChildren(node, graph, temperature.getAsDouble());
                Comparator<Node> nothingFirst = Comparator.comparing(child -> !(child.action instanceof NoOp));
                node.ranked = node.children.stream()
                        .sorted(nothingFirst.thenComparing(Comparator.comparingDouble((Node child) -> child.prior)
                                .reversed()))
                        .toList();
            }
        }

        /** Priors are the softmax of previews; children without a preview count as average. */
        private void previewChildren(Node node, NetworkGraph graph, double temperature) {
            List<Callable<Preview>> tasks = new ArrayList<>();
            node.children.forEach(child -> tasks.add(() -> {
                NetworkGraph candidate = child.action.apply(graph, task.projection());
                OptionalDouble known = previews.get(candidate.structureHash());
                return new Preview(
                        candidate.structureHash(),
                        known != null
                                ? known
                                : meter.timeLeft() ? task.evaluator().preview(candidate) : OptionalDouble.empty());
            }));
            List<Preview> found = new ArrayList<>();
            Parallel.forEach(task.workers(), tasks, found::add);
            found.forEach(preview -> previews.put(preview.structure, preview.score));
            double average = found.stream()
                    .flatMapToDouble(preview -> preview.score.stream())
                    .average()
                    .orElse(0);
            double greatest = found.stream()
                    .flatMapToDouble(preview -> preview.score.stream())
                    .max()
                    .orElse(0);
            double sum = 0;
            for (int i = 0; i < found.size(); i++) {
                Node child = node.children.get(i);
                OptionalDouble score = found.get(i).score;
                child.previewed = score.isPresent();
                child.prior = Math.exp((score.orElse(average) - greatest) / temperature);
                sum += child.prior;
            }
            for (Node child : node.children) {
                child.prior /= sum;
            }
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
                if (rollout.value != null) {
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
            Map<String, Grade> evaluated = new HashMap<>();
            Grade value = null;
            for (int depth = 0; depth <= rolloutDepth; depth++) {
                if (depth > 0) {
                    List<StructuralAction> further =
                            task.actions().generate(graph).toList();
                    if (further.isEmpty()) {
                        break;
                    }
                    graph = further.get(random.nextInt(further.size())).apply(graph, task.projection());
                }
                Grade known = known(graph, evaluated);
                if (known != null) {
                    value = known;
                } else if (evaluated.size() < allowance && meter.timeLeft()) {
                    Evaluator.Evaluation evaluation = task.evaluator().evaluate(graph, task.evaluationSeed());
                    value = new Grade(evaluation.score(), evaluation.standardError());
                    evaluated.put(graph.structureHash(), value);
                    graph = evaluation.trained();
                } else {
                    break;
                }
            }
            return new Rollout(leaf, value, evaluated);
        }

        private @Nullable Grade known(NetworkGraph graph, Map<String, Grade> evaluated) {
            Grade known = transpositions.get(graph.structureHash());
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
        private double tieMargin = Ties.DEFAULT_MARGIN;
        private OptionalDouble temperature = OptionalDouble.empty();
        private Optional<Widening> widening = Optional.empty();

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
         * Selects by UCB1, without priors, after trying every root action once: the paper's rule, and the default.
         *
         * @return this builder
         */
        public Builder ucb1() {
            temperature = OptionalDouble.empty();
            return this;
        }

        /**
         * Selects by PUCT, with priors: the softmax of {@link Evaluator#preview previews}, {@code P ∝ exp(preview / temperature)}.
         * Doing nothing is tried first; other actions only if their prior or what was found makes them worth it. Previews do not
         * count as evaluations, but take time. Worthwhile where there are more actions than evaluations.
         *
         * @param temperature &gt; 0; a difference between two previews of this size makes one action e times as likely as the
         *     other. 0.1 suits scores that spread over some tenths; large values make all actions equal
         * @return this builder
         */
        public Builder puct(double temperature) {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException(
                        "The temperature (" + temperature + ") of priors must be finite and positive.\nMaybe 0.1?");
            }
            this.temperature = OptionalDouble.of(temperature);
            return this;
        }

        /**
         * Lets a node with n visits offer only its {@code ⌈factor · n^exponent⌉} best children: by prior with {@link #puct}, else in
         * the generator's order. At the root, doing nothing is offered beside them. Off by default: for action sets that are large
         * beside the budget. A search is then complete when what was offered at the root has been tried.
         *
         * @param factor &gt; 0
         * @param exponent in [0, 1]
         * @return this builder
         */
        public Builder progressiveWidening(double factor, double exponent) {
            widening = Optional.of(new Widening(factor, exponent));
            return this;
        }

        /**
         * Chooses how far below the most visited action another's mean may be to count as just as good; the smallest network of them
         * is taken.
         *
         * @param standardErrors ≥ 0, in standard errors of a grade; 1 by default, 0 always takes the most visited one, as the paper
         *     does
         * @return this builder
         */
        public Builder tieMargin(double standardErrors) {
            tieMargin = Ties.requireMargin(standardErrors);
            return this;
        }

        /**
         * Finishes.
         *
         * @return the strategy
         */
        public MonteCarloTreeSearch build() {
            Budget limits = budget.orDefault();
            return new MonteCarloTreeSearch(
                    limits.timeLimit(),
                    limits.maxEvaluations(),
                    rolloutDepth,
                    explorationConstant,
                    batchSize,
                    tieMargin,
                    temperature,
                    widening);
        }
    }
}
