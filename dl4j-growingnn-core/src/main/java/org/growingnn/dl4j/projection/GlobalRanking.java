package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;

/** Ranks the units of all resizable spaces together and removes the least important ones until costs are low enough. */
public final class GlobalRanking {

    /** Shares are computed from counts; what is allowed up to the last unit must not fail because of rounding. */
    private static final double TOLERANCE = 1e-9;

    private final NetworkGraph graph;
    private final WidthCosts costs;
    private final List<UnitSpace> spaces;
    private final List<Limits> limits;
    private final List<Ranked> order = new ArrayList<>();

    /**
     * What removal must leave.
     *
     * @param minimumWidth least number of units of a space, ≥ 1
     * @param maximumRatio largest share of a space's units that may go, 0 &lt; ratio ≤ 1
     * @param multipleOf widths are rounded up to multiples of this, ≥ 1
     */
    public record Limits(int minimumWidth, double maximumRatio, int multipleOf) {

        /** Only the networks' own minimum widths. */
        public static final Limits NONE = new Limits(1, 1, 1);

        /**
         * Checks the ranges.
         *
         * @param minimumWidth least number of units
         * @param maximumRatio largest share that may go
         * @param multipleOf what widths are multiples of
         */
        public Limits {
            if (minimumWidth < 1 || multipleOf < 1) {
                throw new IllegalArgumentException("The minimumWidth (" + minimumWidth + ") and the multipleOf ("
                        + multipleOf + ") must be at least 1.");
            }
            if (!(maximumRatio > 0 && maximumRatio <= 1)) {
                throw new IllegalArgumentException(
                        "The maximumRatio (" + maximumRatio + ") must be greater than 0 and at most 1.");
            }
        }

        /**
         * Finds the width that is allowed.
         *
         * @param space a space of known size
         * @param wanted number of units that would be left without limits
         * @return the least allowed width that is not below, or the space's size where there is none
         */
        public int width(UnitSpace space, int wanted) {
            int size = Math.toIntExact(space.size());
            long least = Math.max(
                    Math.max(minimumWidth, space.minimum()), (long) Math.ceil((1 - maximumRatio) * size - 1e-9));
            long rounded = (Math.max(wanted, least) + multipleOf - 1) / multipleOf * multipleOf;
            return (int) Math.min(size, Math.max(1, rounded));
        }
    }

    private record Ranked(int space, int unit, double rating) {}

    /**
     * Ranks.
     *
     * @param graph the network
     * @param criterion rates units; where its ratings of different spaces are not {@linkplain Criterion#comparable comparable}, the
     *     {@linkplain Criteria#share shares} of each space are compared instead
     * @param limits what to leave of each space
     * @param kept spaces that must keep their size
     * @throws IllegalArgumentException if the criterion does not rate each unit of a space, see {@link Criteria#rate},
     *     or if there are ratings less than 0 where shares are to be compared
     */
    public GlobalRanking(
            NetworkGraph graph, Criterion criterion, Function<UnitSpace, Limits> limits, Predicate<UnitSpace> kept) {
        this.graph = graph;
        this.costs = new WidthCosts(graph);
        this.spaces = spaces(graph, kept);
        this.limits = spaces.stream().map(limits).toList();
        Criterion compared = criterion.comparable() ? criterion : Criteria.share(criterion);
        for (int s = 0; s < spaces.size(); s++) {
            double[] ratings = Criteria.rate(compared, graph, spaces.get(s));
            for (int unit = 0; unit < ratings.length; unit++) {
                order.add(new Ranked(s, unit, ratings[unit]));
            }
        }
        order.sort(Comparator.comparingDouble(Ranked::rating));
    }

    /** Finds the spaces whose widths can be chosen, in the order of the network. */
    static List<UnitSpace> spaces(NetworkGraph graph, Predicate<UnitSpace> kept) {
        return graph.spaces().stream()
                .filter(space -> space.resizable() && space.size() != Layout.UNKNOWN && !kept.test(space))
                .toList();
    }

    /**
     * Gives the spaces whose units are ranked.
     *
     * @return in the order of the network
     */
    public List<UnitSpace> spaces() {
        return spaces;
    }

    /**
     * Lists the sizes that the ranking can make: the lowest rated units go one after the other, as far as limits allow.
     *
     * @return numbers of units for {@link #without}, each of which leaves another network than the one before; the first is 0
     */
    public int[] steps() {
        IntStream.Builder steps = IntStream.builder().add(0);
        int[] left = left(0);
        int[] widths = limited(left);
        for (int removed = 1; removed <= order.size(); removed++) {
            int space = order.get(removed - 1).space;
            int width = limits.get(space).width(spaces.get(space), --left[space]);
            if (width != widths[space]) {
                widths[space] = width;
                steps.add(removed);
            }
        }
        return steps.build().toArray();
    }

    /**
     * Removes the lowest rated units.
     *
     * @param removed how many, from 0 to the number of all units; limits keep some of them
     * @return the units that each reduced space keeps, by the space's name
     */
    public Map<String, int[]> without(int removed) {
        return kept(widths(removed));
    }

    /**
     * Finds the fewest removals with which a cost falls by a share: the lowest rated units, but the last ones may remove more
     * than is asked for, so that the highest rated of the removed units come back as long as they fit.
     *
     * @param cost what is to become small
     * @param share share of the cost to remove, 0 &lt; share &lt; 1
     * @return the units that each reduced space keeps, by the space's name
     * @throws IllegalArgumentException if the limits do not allow it, with what they allow
     */
    public Map<String, int[]> reduceBy(Cost cost, double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "The share to remove (" + share + ") must be greater than 0 and less than 1.\nMaybe 0.5 for half?");
        }
        double goal = (1 - share) * count(cost, widths(0));
        if (!allows(cost, share)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "A share of %s cannot be removed: no more than %.4f goes without falling below the least widths %s.\n"
                            + "Maybe remove less?",
                    share,
                    largestShare(cost),
                    named(widths(order.size()))));
        }
        return reduced(Map.of(cost, goal));
    }

    /**
     * Finds the fewest removals with which all costs are low enough: the lowest rated units, but the last ones may remove more than is
     * asked for, so that the highest rated of the removed units come back as long as they fit. What the network then costs is measured;
     * where it differs from what follows from the axes, as the configuration in a file does, another selection is found.
     *
     * @param goals what each cost may be at most
     * @return the units that each reduced space keeps, by the space's name; as few as limits allow where they allow no more
     * @throws IllegalStateException if a cost is unknown
     */
    public Map<String, int[]> reduceTo(Map<Cost, Double> goals) {
        Map<String, int[]> selection = reduced(goals);
        Map<Cost, Double> errors = errors(goals.keySet(), selection);
        if (errors.values().stream().allMatch(error -> error == 0)) {
            return selection;
        }
        // The first correction goes up or down, further ones only down, so that they come to an end.
        Map<Cost, Double> aims = new EnumMap<>(goals);
        aims.replaceAll((cost, aim) -> aim - errors.get(cost));
        while (true) {
            Map<String, int[]> corrected = reduced(aims);
            Map<Cost, Double> left = errors(goals.keySet(), corrected);
            boolean changed = false;
            for (Map.Entry<Cost, Double> goal : goals.entrySet()) {
                Cost cost = goal.getKey();
                double excess = estimate(cost, corrected) + left.get(cost) - goal.getValue();
                if (excess > 0 && aims.get(cost) > least(cost)) {
                    aims.merge(cost, goal.getValue() - left.get(cost), Math::min);
                    changed = true;
                }
            }
            if (!changed) {
                return corrected;
            }
        }
    }

    /**
     * Tells by how much costs of the network that a selection makes are higher than what follows from the axes.
     *
     * @param measured the costs
     * @param selection the units that each reduced space keeps, by the space's name
     * @return the differences, which may be negative
     */
    public Map<Cost, Double> errors(Set<Cost> measured, Map<String, int[]> selection) {
        Map<Cost, Double> errors = new EnumMap<>(Cost.class);
        NetworkGraph made = org.growingnn.dl4j.graph.Selection.withoutIdentities(
                Resizer.resize(graph, maps(graph, selection), false));
        measured.forEach(cost -> errors.put(cost, cost.of(made) - estimate(cost, selection)));
        return errors;
    }

    private double estimate(Cost cost, Map<String, int[]> selection) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        selection.forEach((space, units) -> widths.put(space, units.length));
        return costs.of(cost, widths);
    }

    /**
     * Removes all units that limits allow to remove.
     *
     * @return the units that each reduced space keeps, by the space's name
     */
    public Map<String, int[]> narrowest() {
        return without(order.size());
    }

    private Map<String, int[]> reduced(Map<Cost, Double> goals) {
        int low = 0;
        int high = order.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (fits(goals, widths(middle))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return kept(filled(goals, low));
    }

    private boolean fits(Map<Cost, Double> goals, int[] widths) {
        Map<String, Integer> bySpace = named(widths);
        return goals.entrySet().stream().allMatch(goal -> costs.of(goal.getKey(), bySpace) <= goal.getValue());
    }

    private double least(Cost cost) {
        return count(cost, widths(order.size()));
    }

    /** Takes units back, the highest rated ones first, until no space can have one more. */
    private int[] filled(Map<Cost, Double> goals, int removed) {
        int[] left = left(removed);
        Set<Integer> open = new HashSet<>();
        IntStream.range(0, left.length).forEach(open::add);
        for (int i = removed - 1; i >= 0 && !open.isEmpty(); i--) {
            int space = order.get(i).space;
            if (open.contains(space)) {
                left[space]++;
                if (!fits(goals, limited(left))) {
                    left[space]--;
                    open.remove(space);
                }
            }
        }
        return limited(left);
    }

    /**
     * Tells how far a cost can fall.
     *
     * @param cost what is to become small
     * @return the largest share that can be removed, in [0, 1); 0 if the network has nothing of the cost
     */
    public double largestShare(Cost cost) {
        double before = count(cost, widths(0));
        return before == 0 ? 0 : 1 - least(cost) / before;
    }

    /**
     * Tells whether a cost can fall by a share.
     *
     * @param cost what is to become small
     * @param share share of the cost to remove
     * @return true if it can, apart from rounding
     */
    public boolean allows(Cost cost, double share) {
        return largestShare(cost) >= share - TOLERANCE;
    }

    /** Gives each space's width when so many units of the ranking go. */
    private int[] widths(int removed) {
        return limited(left(removed));
    }

    private int[] left(int removed) {
        int[] left =
                spaces.stream().mapToInt(space -> Math.toIntExact(space.size())).toArray();
        order.subList(0, removed).forEach(unit -> left[unit.space]--);
        return left;
    }

    private int[] limited(int[] left) {
        int[] widths = new int[left.length];
        Arrays.setAll(widths, s -> limits.get(s).width(spaces.get(s), left[s]));
        return widths;
    }

    /** Keeps each space's highest rated units. */
    private Map<String, int[]> kept(int[] widths) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        for (int s = 0; s < widths.length; s++) {
            int space = s;
            int size = Math.toIntExact(spaces.get(s).size());
            if (widths[s] < size) {
                int[] units = order.stream()
                        .filter(unit -> unit.space == space)
                        .skip(size - widths[s])
                        .mapToInt(Ranked::unit)
                        .sorted()
                        .toArray();
                kept.put(spaces.get(s).name(), units);
            }
        }
        return kept;
    }

    private Map<String, Integer> named(int[] widths) {
        Map<String, Integer> bySpace = new LinkedHashMap<>();
        IntStream.range(0, widths.length).forEach(s -> bySpace.put(spaces.get(s).name(), widths[s]));
        return bySpace;
    }

    private double count(Cost cost, int[] widths) {
        return costs.of(cost, named(widths));
    }

    /**
     * Selects the highest rated units of a space.
     *
     * @param ratings one per unit
     * @param count how many to select
     * @return their indices in ascending order; of equal ratings the lower index
     */
    public static int[] best(double[] ratings, int count) {
        return Arrays.stream(descending(ratings)).limit(count).sorted().toArray();
    }

    /** Orders units from the highest rating to the lowest, equal ones by index. */
    static int[] descending(double[] ratings) {
        return IntStream.range(0, ratings.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer unit) -> -ratings[unit]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Makes the maps of a selection.
     *
     * @param graph the network
     * @param kept units that spaces keep, by name
     * @return one map per space
     */
    public static Map<String, UnitMap> maps(NetworkGraph graph, Map<String, int[]> kept) {
        Map<String, UnitMap> maps = new LinkedHashMap<>();
        kept.forEach((name, units) -> maps.put(
                name, UnitMap.selection(Math.toIntExact(graph.spaceNamed(name).size()), units)));
        return maps;
    }
}
