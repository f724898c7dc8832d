package org.growingnn.dl4j.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitLineage;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an action may be worth, told without running a network: the share of the network's cost that it saves, less the share of its units
 * that it loses. Cost is the mean of parameters and, where they are known, multiply-accumulates. Units count by their ratings, see {@link
 * Criteria#of}, as shares of their space, and every space counts the same.
 */
final class ExpectedWorth {

    private static final Logger log = LoggerFactory.getLogger(ExpectedWorth.class);

    private final NetworkGraph root;
    private final Projection selection;
    private final Map<UnitSpace, double[]> shares = new HashMap<>();

    ExpectedWorth(NetworkGraph network, Projection projection) {
        this.root = network.with(UnitLineage.of(network));
        Criterion criterion = Criteria.of(projection, network);
        // Which units go is much cheaper to tell than what then becomes of weights.
        this.selection = Projections.selection(criterion);
        for (UnitSpace space : root.spaces()) {
            if (space.resizable() && !space.features()) {
                shares.put(space, shares(Criteria.rate(criterion, root, space)));
            }
        }
    }

    private static double[] shares(double[] ratings) {
        double sum = 0;
        for (double rating : ratings) {
            sum += rating;
        }
        double[] shares = new double[ratings.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = sum > 0 ? ratings[i] / sum : 1.0 / shares.length;
        }
        return shares;
    }

    /**
     * Sorts candidates that are one action away from the root, the best first; equal ones keep their order.
     *
     * @param cancellation when requested, the rest keeps its order behind those that were looked at
     */
    List<Candidate> sorted(List<Candidate> candidates, Cancellation cancellation) {
        Map<Candidate, Double> worth = new HashMap<>();
        for (Candidate candidate : candidates) {
            if (cancellation.requested()) {
                break;
            }
            worth.put(candidate, of(candidate.action()));
        }
        List<Candidate> sorted = new ArrayList<>(candidates);
        sorted.sort((a, b) -> Double.compare(
                worth.getOrDefault(b, Double.NEGATIVE_INFINITY), worth.getOrDefault(a, Double.NEGATIVE_INFINITY)));
        return sorted;
    }

    /** At most 1; −∞ for what does not apply, as its evaluation will tell. */
    double of(StructuralAction action) {
        NetworkGraph changed;
        try {
            changed = action.apply(root, selection);
        } catch (RuntimeException e) {
            log.debug("The worth of {} cannot be told", action, e);
            return Double.NEGATIVE_INFINITY;
        }
        double saved = 1 - (double) changed.parameterCount() / Math.max(1, root.parameterCount());
        if (root.macsKnown() && changed.macsKnown() && root.macs() > 0) {
            saved = (saved + 1 - (double) changed.macs() / root.macs()) / 2;
        }
        return saved - lost(changed.lineage());
    }

    private double lost(Optional<UnitLineage> lineage) {
        Map<String, SparseMatrix> left = lineage.map(UnitLineage::shares).orElse(Map.of());
        double sum = 0;
        for (Map.Entry<UnitSpace, double[]> entry : shares.entrySet()) {
            sum += entry.getKey().producers().stream()
                    .filter(left::containsKey)
                    .findFirst()
                    .map(layer -> lost(left.get(layer), entry.getValue()))
                    .orElse(1.0);
        }
        return shares.isEmpty() ? 0 : sum / shares.size();
    }

    private static double lost(SparseMatrix origins, double[] shares) {
        double[] lost = shares.clone();
        for (int unit = 0; unit < origins.rows(); unit++) {
            origins.forEach(unit, (old, value) -> lost[old] = 0);
        }
        double sum = 0;
        for (double share : lost) {
            sum += share;
        }
        return sum;
    }
}
