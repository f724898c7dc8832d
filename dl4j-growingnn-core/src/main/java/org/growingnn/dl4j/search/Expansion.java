package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.growingnn.dl4j.graph.ContentHash;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives nodes their children: as many as the budget can make use of, with priors ranked by their previews. */
final class Expansion {

    private static final Logger log = LoggerFactory.getLogger(Expansion.class);

    /** Previews cost a small part of an evaluation; of more actions than these, the later ones are not looked at. */
    private static final int PREVIEWS_PER_EVALUATION = 100;

    private final MonteCarloTreeSearch settings;
    private final SearchTask task;
    private final Ledger ledger;
    private final Set<ContentHash> expanded = new HashSet<>();
    private final Map<ContentHash, OptionalDouble> previews = new HashMap<>();
    private boolean moreAtRoot;

    Expansion(MonteCarloTreeSearch settings, SearchTask task, Ledger ledger) {
        this.settings = settings;
        this.task = task;
        this.ledger = ledger;
    }

    /** Whether the generator has more root actions than were taken. */
    boolean moreAtRoot() {
        return moreAtRoot;
    }

    void expandRoot(TreeNode root) {
        boolean limited = settings.budget().maxEvaluations().isPresent();
        RootActions actions = limited ? RootActions.upTo(reach(evaluations()), task, ledger) : ledger.rootActions();
        moreAtRoot = actions.more();
        expand(root, actions.candidates());
    }

    /**
     * Gives a visited node one child per action that may follow. One without any, or whose network has been expanded elsewhere, is
     * closed.
     */
    void expand(TreeNode node) {
        // What is below a closed node is closed, so that it must not stand for other nodes.
        if (!node.closed() && !expanded.add(node.candidate().content())) {
            node.close();
        }
        List<Candidate> following = further(node.candidate());
        int most = Math.min(following.size(), reach(evaluations()));
        expand(node, following.subList(0, most));
        if (most == 0) {
            node.close();
        }
        node.candidate().forget();
    }

    /** Lists what may follow a candidate; nothing if that cannot be told, which does not make its grade wrong. */
    List<Candidate> further(Candidate candidate) {
        if (ledger.cancellation().requested()) {
            return List.of();
        }
        try {
            // Random steps should reach late actions, too, even of a generator that goes on for ever.
            return settings.budget().maxEvaluations().isPresent()
                    ? ledger.moves().next(candidate, manyOf(evaluations()))
                    : ledger.moves().next(candidate);
        } catch (RuntimeException | OutOfMemoryError e) {
            ledger.failed(
                    candidate,
                    new Failure("No actions can follow. " + Failure.of(e).reason()));
            return List.of();
        }
    }

    private int evaluations() {
        return settings.budget().maxEvaluations().orElse(Listing.MOST);
    }

    /** How many children are worth making. */
    private int reach(int evaluations) {
        return settings.priorTemperature().isPresent() ? manyOf(evaluations) : evaluations;
    }

    private static int manyOf(int evaluations) {
        return (int) Math.min(Listing.MOST, (long) PREVIEWS_PER_EVALUATION * evaluations);
    }

    private void expand(TreeNode node, List<Candidate> candidates) {
        List<TreeNode> children = candidates.stream()
                .map(candidate -> new TreeNode(node, candidate))
                .toList();
        List<TreeNode> ranked = children;
        if (settings.priorTemperature().isPresent() && children.size() > 1) {
            preview(children, settings.priorTemperature().getAsDouble());
            Comparator<TreeNode> nothingFirst = Comparator.comparing(child -> !child.terminal());
            ranked = children.stream()
                    .sorted(nothingFirst.thenComparing(Comparator.comparingDouble((TreeNode child) -> child.prior())
                            .reversed()))
                    .toList();
        }
        node.expand(children, ranked);
    }

    /** Priors are the softmax of previews; children without a preview count as average. */
    private void preview(List<TreeNode> children, double temperature) {
        // In the order of the children, so that sums round the same in every process.
        Map<Candidate, OptionalDouble> found = new LinkedHashMap<>();
        List<Candidate> unknown = new ArrayList<>();
        List<Candidate> candidates = children.stream().map(TreeNode::candidate).toList();
        task.executor().prepare(candidates, ledger.cancellation());
        for (Candidate candidate : candidates) {
            OptionalDouble known = ledger.cancellation().requested() ? OptionalDouble.empty() : known(candidate);
            if (known == null) {
                unknown.add(candidate);
            } else {
                found.put(candidate, known);
            }
        }
        task.executor().preview(task.evaluator(), unknown, ledger.cancellation(), preview -> {
            found.put(preview.candidate(), preview.score());
            // Whether such a candidate can be used is for an evaluation to tell.
            preview.failure()
                    .ifPresentOrElse(
                            failure -> log.warn("No preview of {}: {}", preview.candidate(), failure.reason()),
                            () -> previews.put(preview.candidate().content(), preview.score()));
            preview.candidate().forget();
        });
        double average = found.values().stream()
                .flatMapToDouble(OptionalDouble::stream)
                .average()
                .orElse(0);
        double greatest = found.values().stream()
                .flatMapToDouble(OptionalDouble::stream)
                .max()
                .orElse(0);
        double[] weights = new double[children.size()];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            double score = found.getOrDefault(candidates.get(i), OptionalDouble.empty())
                    .orElse(average);
            weights[i] = Math.exp((score - greatest) / temperature);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            boolean known = found.getOrDefault(candidates.get(i), OptionalDouble.empty())
                    .isPresent();
            children.get(i).prior(weights[i] / sum, known);
        }
    }

    /** The preview of a network that was previewed before; null if it was not. */
    private @Nullable OptionalDouble known(Candidate candidate) {
        try {
            return previews.get(candidate.content());
        } catch (RuntimeException | OutOfMemoryError e) {
            // The reason shows when the executor meets it.
            return null;
        }
    }
}
