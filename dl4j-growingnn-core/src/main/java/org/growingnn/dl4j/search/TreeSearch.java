package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One run of a {@link MonteCarloTreeSearch}. */
final class TreeSearch {

    /** A batch without a new evaluation means that all networks in reach are known; this many end the search. */
    private static final int IDLE_BATCHES = 25;

    private final MonteCarloTreeSearch settings;
    private final SearchTask task;
    private final Ledger ledger;
    private final SelectionRule rule;
    private final ValueRange range;
    private final Expansion expansion;
    private final RolloutBatch batch;
    private final TreeNode root;
    private int batches;
    /** As many as the latest selection could choose from: what a later one would add has not had its turn. */
    private int offeredAtRoot;

    TreeSearch(MonteCarloTreeSearch settings, SearchTask task) {
        this.settings = settings;
        this.task = task;
        this.ledger = new Ledger(task, settings.budget());
        this.rule = settings.priorTemperature().isPresent()
                ? new SelectionRule.Puct(settings.explorationConstant())
                : new SelectionRule.Ucb1(settings.explorationConstant());
        this.range = new ValueRange(settings.scaledValues());
        this.expansion = new Expansion(settings, task, ledger);
        this.batch = new RolloutBatch(
                task,
                ledger,
                new TranspositionTable(task.evaluationSeed()),
                expansion::further,
                this::backup,
                this::tell);
        this.root = new TreeNode(null, Candidate.root(task.root()));
        expansion.expandRoot(root);
        this.offeredAtRoot = offers(root);
    }

    SearchResult search() {
        // With nothing to choose from there is nothing to find out.
        boolean choice = root.children().size() > 1 || expansion.moreAtRoot();
        if (choice) {
            if (settings.priorTemperature().isEmpty() && settings.widening().isEmpty()) {
                visitEveryRootAction();
            }
            iterate();
        }
        Ties.Contender chosen = chosen();
        return ledger.result(
                chosen.candidate(),
                chosen.score(),
                root.children().stream().map(TreeNode::statistics).toList(),
                !choice || complete(),
                root.summary());
    }

    private void iterate() {
        int idle = 0;
        while (!ledger.exhausted() && idle < IDLE_BATCHES) {
            int before = ledger.evaluations();
            List<TreeNode> leaves = new ArrayList<>();
            batches++;
            for (TreeNode leaf = select(); leaf != null; leaf = select()) {
                leaf.enter();
                leaves.add(leaf);
                if (leaves.size() == settings.batchSize()) {
                    break;
                }
            }
            if (leaves.isEmpty()) {
                return;
            }
            rollOut(leaves, settings.rolloutDepth());
            idle = ledger.evaluations() == before ? idle + 1 : 0;
        }
    }

    /** First visits are equally deep, as deep as the budget affords for all: unequal ones would not compare. */
    private void visitEveryRootAction() {
        List<TreeNode> rest = root.children();
        int depth = settings.rolloutDepth();
        if (depth > 0 && settings.budget().timeLimit().isPresent()) {
            // Doing nothing is tried alone, which tells how long an evaluation takes.
            sweep(rest.subList(0, 1), 0);
            rest = rest.subList(1, rest.size());
            double limit = settings.budget().timeLimit().get().toNanos();
            double used = ledger.elapsed().toNanos();
            depth = affordable(
                    depth,
                    rest,
                    (limit - used) / Math.max(1, used) * task.executor().parallelism());
        }
        depth = affordable(depth, rest, ledger.evaluationsLeft());
        if (depth == 0) {
            sweep(rest, 0);
        } else {
            // Rollouts hold trained networks while they go on.
            for (int i = 0; i < rest.size(); i += settings.batchSize()) {
                sweep(rest.subList(i, Math.min(rest.size(), i + settings.batchSize())), depth);
            }
        }
    }

    private static int affordable(int most, List<TreeNode> leaves, double evaluations) {
        long terminal = leaves.stream().filter(TreeNode::terminal).count();
        long changing = Math.max(1, leaves.size() - terminal);
        return (int) Math.max(0, Math.min(most, Math.floor((evaluations - terminal) / changing) - 1));
    }

    private void sweep(List<TreeNode> leaves, int depth) {
        leaves.forEach(TreeNode::enter);
        rollOut(leaves, depth);
    }

    private void rollOut(List<TreeNode> leaves, int depth) {
        List<Rollout> rollouts = new ArrayList<>();
        for (TreeNode leaf : leaves) {
            long seed = Seeds.derive(task.seed(), leaf.candidate().path(), leaf.started());
            rollouts.add(new Rollout(leaf, leaf.terminal() ? 0 : depth, seed));
        }
        batch.run(rollouts);
    }

    private void backup(Rollout rollout) {
        TreeNode leaf = rollout.leaf();
        leaf.leave();
        leaf.candidate().forget();
        if (!rollout.grades().isEmpty()) {
            BackupRule.Value value = settings.backup().of(rollout.grades());
            leaf.backup(value);
            range.add(value.score());
        }
    }

    private void tell(Evaluated evaluated) {
        TreeNode leader = leader();
        ledger.tell(evaluated, leader.candidate().action(), leader.mean());
    }

    /** Finds a leaf to visit; null if the visits under way leave none free. */
    private TreeNode select() {
        TreeNode node = root;
        while (true) {
            if (node.terminal() || (node != root && node.visits() == 0)) {
                return node;
            }
            if (!node.expanded()) {
                expansion.expand(node);
            }
            List<TreeNode> offered = offered(node);
            if (node == root) {
                offeredAtRoot = offers(root);
            } else if (offered.stream().allMatch(TreeNode::failed)) {
                return node;
            }
            List<TreeNode> free =
                    offered.stream().filter(child -> child.free(batches)).toList();
            if (!free.isEmpty()) {
                node = rule.choose(free, range);
            } else if (node == root) {
                return null;
            } else {
                node.block(batches);
                node = root;
            }
        }
    }

    /** The children that may be selected, the best prior first. */
    private List<TreeNode> offered(TreeNode node) {
        return node.ranked().subList(0, Math.min(offers(node), node.ranked().size()));
    }

    /** How many children a node offers, if it has so many; doing nothing does not compete for a place. */
    private int offers(TreeNode node) {
        return settings.widening()
                .map(widening -> widening.offers(node.started()) + (node == root ? 1 : 0))
                .orElse(Integer.MAX_VALUE);
    }

    /** The root action with the most visits; the best mean, then the generator's order, decide ties. */
    private TreeNode leader() {
        TreeNode leader = root.children().get(0);
        Comparator<TreeNode> comparator = Comparator.comparingInt(TreeNode::visits)
                .thenComparingDouble(child -> child.visits() == 0 ? 0 : child.mean());
        for (TreeNode child : root.children()) {
            if (comparator.compare(child, leader) > 0) {
                leader = child;
            }
        }
        return leader;
    }

    private Ties.Contender chosen() {
        TreeNode best = leader();
        Stream<TreeNode> contenders =
                root.children().stream().filter(child -> child.visits() > 0 && 2 * child.visits() >= best.visits());
        return Ties.smallest(
                contender(best),
                settings.tieMargin() * best.meanError(),
                contenders.map(TreeSearch::contender).toList());
    }

    private static Ties.Contender contender(TreeNode child) {
        return new Ties.Contender(child.candidate(), child.mean());
    }

    private boolean complete() {
        boolean taken = offeredAtRoot <= root.ranked().size() || !expansion.moreAtRoot();
        return taken
                && root
                        .ranked()
                        .subList(0, Math.min(offeredAtRoot, root.ranked().size()))
                        .stream()
                        .allMatch(child -> child.visits() > 0 || child.failed() || child.previewed());
    }
}
