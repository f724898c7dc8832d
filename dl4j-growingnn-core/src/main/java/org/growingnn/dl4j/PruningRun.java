package org.growingnn.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.LatencyCheck.Selected;
import org.growingnn.dl4j.PruningResult.Reached;
import org.growingnn.dl4j.StructuralPruner.Recovery;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.CostGoal;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Selection;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.AllocationSearch;
import org.growingnn.dl4j.projection.Allocations;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Criterion;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.training.AnswerDivergence;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.RandomState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rounds in which one model is pruned.
 *
 * @param settings how to prune
 * @param target how far
 * @param initial the network that was given
 * @param start the same with selections of features and positions that may be left out
 * @param rules what applies to its unit spaces
 * @param clock what sees to the latency, if that is a target
 * @param first calibrates the start, if there is data
 */
record PruningRun(
        StructuralPruner settings,
        PruningTarget target,
        NetworkGraph initial,
        NetworkGraph start,
        WidthRules rules,
        Optional<LatencyCheck> clock,
        UnaryOperator<NetworkGraph> first) {

    private static final Logger LOG = LoggerFactory.getLogger(StructuralPruner.class);

    PruningResult prune() {
        int rounds = settings.rounds;
        NetworkGraph current = start;
        Map<String, int[]> kept = new LinkedHashMap<>();
        Optional<LatencyReport> latency = Optional.empty();
        for (int round = 1; round <= rounds; round++) {
            current = round == 1 ? first.apply(current) : settings.calibrated(current, round);
            Selected selected = selected(current, round);
            latency = selected.latency();
            Map<String, int[]> selection = withFollowing(current, selected.kept());
            if (selection.isEmpty()) {
                LOG.warn("Round {} of {} has nothing to remove.", round, rounds);
            }
            current = FiniteWeights.require(
                    reduce(current, selection),
                    "The reduction in round " + round + " of " + rounds + " leaves",
                    "the calibration data hold values that are infinite, no numbers, or much too large");
            selection.forEach((name, units) -> kept.merge(name, units, PruningRun::compose));
            if (settings.recovery != null) {
                current = recovered(current, round, settings.recovery);
            }
        }
        latency.filter(told -> !told.met()).ifPresent(told -> LOG.warn(told.describe()));
        return result(current, kept, 0, latency);
    }

    /**
     * Makes the result.
     *
     * @param reduced the last network
     * @param kept what each space keeps of the units at the start
     */
    PruningResult result(NetworkGraph reduced, Map<String, int[]> kept, int checks, Optional<LatencyReport> latency) {
        // Calibration was of the last round's start.
        NetworkGraph current = reduced.with(Optional.empty());
        NetworkGraph pruned = settings.selects() ? Selection.withoutIdentities(current) : current;
        Map<String, int[]> told = new LinkedHashMap<>();
        for (UnitSpace space : start.spaces()) {
            // Mixed units stem from several ones.
            if (kept.containsKey(space.name()) && (settings.projection.isEmpty() || space.selectionOnly())) {
                told.put(space.name(), kept.get(space.name()));
            }
        }
        List<Reached> reached = Reached.of(target.goals(), initial, pruned);
        return new PruningResult(
                ModelWriter.toComputationGraph(pruned), pruned, initial, told, checks, reached, latency);
    }

    @SuppressWarnings("try") // The state is only kept.
    private NetworkGraph recovered(NetworkGraph network, int round, Recovery training) {
        ComputationGraph live = ModelWriter.toComputationGraph(network);
        try (RandomState kept = RandomState.keep(settings.seed("recovery", round))) {
            training.train(live, round, settings.rounds);
            return FiniteWeights.require(
                    ModelReader.update(network, live),
                    "The recovery of round " + round + " of " + settings.rounds + " leaves",
                    "its learning rate is too high, or its data are not finite");
        } finally {
            LiveModel.release(live);
        }
    }

    /** Adds what selections of positions lose because units in front go. */
    static Map<String, int[]> withFollowing(NetworkGraph network, Map<String, int[]> kept) {
        Map<String, int[]> all = new LinkedHashMap<>(kept);
        all.putAll(Selection.following(network, kept));
        return all;
    }

    private static int[] compose(int[] before, int[] after) {
        return Arrays.stream(after).map(unit -> before[unit]).toArray();
    }

    Criterion rating(NetworkGraph network) {
        return settings.criterion.orElseGet(
                () -> Criteria.share(network.calibration().isPresent() ? Criteria.taylor() : Criteria.gain()));
    }

    /** Refits on one BLAS thread, so that the result does not depend on how many there are. */
    @SuppressWarnings("try") // The lease is only held.
    NetworkGraph reduce(NetworkGraph network, Map<String, int[]> selection) {
        Map<String, UnitMap> maps = GlobalRanking.maps(network, selection);
        settings.projection.ifPresent(mixing -> maps.replaceAll((name, map) -> {
            UnitSpace space = network.spaceNamed(name);
            return space.selectionOnly() ? map : mixing.map(network, space, selection.get(name).length);
        }));
        try (BlasThreads single = BlasThreads.single()) {
            return Resizer.resize(network, maps, settings.refit);
        }
    }

    /** Each cost falls by the same factor in each round. Recovery changes no width, so that the last round's are measured before it. */
    private Selected byCosts(NetworkGraph current, int round, Criterion rating) {
        Map<Cost, Double> goals = CostGoal.limits(target.goals(), initial);
        if (round < settings.rounds) {
            goals.replaceAll((cost, limit) -> {
                double before = Math.max(limit, cost.of(start));
                return before * Math.pow(limit / before, (double) round / settings.rounds);
            });
        }
        GlobalRanking ranking = new GlobalRanking(current, rating, rules::limits, rules::keeps);
        if (clock.isEmpty() || round < settings.rounds) {
            return new Selected(ranking.reduceTo(goals), Optional.empty());
        }
        return clock.get()
                .select(
                        goals,
                        ranking::reduceTo,
                        selection -> Resizer.resize(current, GlobalRanking.maps(current, selection), false));
    }

    private Selected selected(NetworkGraph current, int round) {
        if (settings.searchEvaluations > 0) {
            return new Selected(searched(current), Optional.empty());
        }
        Criterion rating = rating(current);
        return target.layerWidths().isEmpty()
                ? byCosts(current, round, rating)
                : new Selected(byWidths(current, round, rating), Optional.empty());
    }

    /** The criteria that a search chooses from, unless one was chosen or units are mixed, of which it decides on widths only. */
    private List<Criterion> criteria() {
        if (settings.criterion.isPresent()) {
            return List.of(settings.criterion.get());
        }
        List<Criterion> all =
                List.of(Criteria.taylor(), Criteria.fisher(), Criteria.pivotedQr(), Criteria.activation());
        return all.subList(0, settings.projection.isPresent() ? 1 : Math.min(all.size(), settings.searchEvaluations));
    }

    /** Begins with what the rankings by each of the criteria say. */
    private Map<String, int[]> searched(NetworkGraph current) {
        Map<Cost, Double> goals = CostGoal.limits(target.goals(), initial);
        List<Criterion> criteria = criteria();
        List<Map<String, Integer>> starts = new ArrayList<>();
        List<Map<String, double[]>> ratings = new ArrayList<>();
        Map<Cost, Double> errors = new EnumMap<>(Cost.class);
        for (Criterion criterion : criteria) {
            GlobalRanking ranking = new GlobalRanking(current, Criteria.share(criterion), rules::limits, rules::keeps);
            Map<String, Integer> widths = new LinkedHashMap<>();
            Map<String, int[]> selection = ranking.reduceTo(goals);
            selection.forEach((space, units) -> widths.put(space, units.length));
            starts.add(widths);
            ranking.errors(goals.keySet(), selection).forEach((cost, error) -> errors.merge(cost, error, Math::max));
            Map<String, double[]> rated = new LinkedHashMap<>();
            ranking.spaces().forEach(space -> rated.put(space.name(), Criteria.rate(criterion, current, space)));
            ratings.add(rated);
        }
        Map<Cost, Double> aims = new EnumMap<>(goals);
        aims.replaceAll((cost, goal) -> goal - errors.get(cost));
        AnswerDivergence divergence = settings.divergence(initial);
        AllocationSearch.Found found = new AllocationSearch(new Allocations(current, rules::limits, rules::keeps, aims))
                .search(
                        starts,
                        (variant, widths) -> grade(current, best(ratings.get(variant), widths), goals, divergence),
                        settings.searchEvaluations);
        if (Double.isFinite(found.grade())) {
            LOG.info(
                    "Of {} networks, the one with the widths {} answers most like the original, with units chosen by '{}'",
                    found.evaluations(),
                    found.widths(),
                    criteria.get(found.variant()).name());
        } else {
            LOG.warn(
                    "None of {} networks can be compared with the original; the widths {} are the ranking's",
                    found.evaluations(),
                    found.widths());
        }
        return best(ratings.get(found.variant()), found.widths());
    }

    /** What costs more than was foretold, such as a file, is not taken. */
    @SuppressWarnings("try") // The lease is only held.
    private double grade(
            NetworkGraph current, Map<String, int[]> selection, Map<Cost, Double> goals, AnswerDivergence divergence) {
        NetworkGraph reduced = reduce(current, selection).with(Optional.empty());
        NetworkGraph pruned = settings.selects() ? Selection.withoutIdentities(reduced) : reduced;
        if (goals.entrySet().stream().anyMatch(goal -> goal.getKey().of(pruned) > goal.getValue())) {
            return Double.POSITIVE_INFINITY;
        }
        try (BlasThreads single = BlasThreads.single()) {
            return divergence.of(pruned);
        }
    }

    private static Map<String, int[]> best(Map<String, double[]> ratings, Map<String, Integer> widths) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        widths.forEach((name, width) -> {
            double[] rated = ratings.get(name);
            if (width < rated.length) {
                kept.put(name, GlobalRanking.best(rated, width));
            }
        });
        return kept;
    }

    private Map<String, int[]> byWidths(NetworkGraph current, int round, Criterion rating) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        rules.widths().forEach((name, width) -> {
            UnitSpace space = current.spaceNamed(name);
            long before = start.spaceNamed(name).size();
            int wanted = (int) Math.round(before * Math.pow((double) width / before, (double) round / settings.rounds));
            // Positions of units in front that go are not there to be chosen.
            int[] left = Selection.following(current, kept)
                    .getOrDefault(
                            name,
                            IntStream.range(0, Math.toIntExact(space.size())).toArray());
            if (wanted < space.size()) {
                double[] rated = Criteria.rate(rating, current, space);
                double[] ratings =
                        Arrays.stream(left).mapToDouble(unit -> rated[unit]).toArray();
                kept.put(name, compose(left, GlobalRanking.best(ratings, Math.min(wanted, left.length))));
            }
        });
        return kept;
    }
}
