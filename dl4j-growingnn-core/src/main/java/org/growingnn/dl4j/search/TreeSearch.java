package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One run of a {@link MonteCarloTreeSearch}. */
final class TreeSearch {

    /**
     * How many visits to known networks the selection rule may have before it must look for an unknown one: per place of a batch, and in
     * batches without any evaluation. What is known costs nothing and its visits are what the rule wants, so that they tell what is
     * best; but a rule that hardly explores would ask for no end of them.
     */
    private static final int PATIENCE = 25;

    private final MonteCarloTreeSearch settings;
    private final SearchTask task;
    private final Ledger ledger;
    private final SelectionRule rule;
    private final ValueRange range;
    private final Expansion expansion;
    private final RolloutBatch batch;
    private final TreeNode root;
    private int batches;
    /** Those that the latest selection could choose from: what a later one would add has not had its turn. */
    private List<TreeNode> offeredAtRoot;

    private boolean placesLeftAtRoot;

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
        this.offeredAtRoot = offered(root);
        this.placesLeftAtRoot = offeredAtRoot.size() < places(root);
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

    /** Goes on until the budget is spent, or nothing unknown is left to be selected. */
    private void iterate() {
        int idle = 0;
        while (!ledger.exhausted()) {
            int before = ledger.evaluations();
            boolean found = visitBatch(idle >= PATIENCE);
            idle = ledger.evaluations() == before ? idle + 1 : 0;
            // Visits to what is known let widening offer more; without it they change nothing.
            if (!found && (settings.widening().isEmpty() || idle > PATIENCE)) {
                return;
            }
        }
    }

    /**
     * Selects and runs a batch of rollouts. Leaves that were visited before take no place of it: their grades are known.
     *
     * @param unknown whether to select only what leads to unknown networks
     * @return whether there was a leaf that had not been visited
     */
    private boolean visitBatch(boolean unknown) {
        batches++;
        List<TreeNode> leaves = new ArrayList<>();
        int fresh = 0;
        while (fresh < settings.batchSize()) {
            int again = leaves.size() - fresh;
            TreeNode leaf = select(unknown || again >= PATIENCE * (long) settings.batchSize());
            if (leaf == null) {
                break;
            }
            fresh += leaf.visits() == 0 ? 1 : 0;
            leaf.enter();
            leaves.add(leaf);
        }
        rollOut(leaves, settings.rolloutDepth());
        return fresh > 0;
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

    /**
     * Finds a leaf to visit.
     *
     * @param unknown whether it must not be known what comes of it
     * @return null if none is free
     */
    private @Nullable TreeNode select(boolean unknown) {
        boolean ahead = unknown;
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
                offeredAtRoot = offered;
                placesLeftAtRoot = offered.size() < places(root);
            } else if (offered.isEmpty() && !ahead) {
                return node;
            }
            List<TreeNode> free = free(offered, ahead);
            if (!ahead && free.size() < offered.size() && !free.contains(rule.choose(offered, range))) {
                // What the rule wants is under way. Others may be tried meanwhile, but not visited for want of it.
                ahead = true;
                free = free(offered, true);
            }
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

    private List<TreeNode> free(List<TreeNode> offered, boolean unknown) {
        return offered.stream().filter(child -> child.free(batches, unknown)).toList();
    }

    /** The children that may be selected, the best prior first; what failed does not compete for a place. */
    private List<TreeNode> offered(TreeNode node) {
        return node.ranked().stream()
                .filter(child -> !child.failed())
                .limit(places(node))
                .toList();
    }

    /** How many children a node offers, if it has so many; doing nothing does not compete for a place. */
    private int places(TreeNode node) {
        boolean nothing = node == root && !root.children().get(0).failed();
        return settings.widening()
                .map(widening -> widening.offers(node.started()) + (nothing ? 1 : 0))
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
                task.margin(settings.tieMargin()) * best.meanError(),
                contenders.map(TreeSearch::contender).toList());
    }

    private static Ties.Contender contender(TreeNode child) {
        return new Ties.Contender(child.candidate(), child.mean());
    }

    private boolean complete() {
        return ledger.evaluations() > 0
                && !(placesLeftAtRoot && expansion.moreAtRoot())
                && offeredAtRoot.stream().allMatch(child -> child.visits() > 0 || child.failed() || child.previewed());
    }
}
