package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;

/**
 * Widths of all spaces of a network that use given costs up: where some spaces get widths, the others follow, in proportion, so that nothing
 * is left over that a unit would fit in.
 */
public final class Allocations {

    private static final double LARGEST_FACTOR = 1e4;
    private static final int BISECTIONS = 40;

    private final List<UnitSpace> spaces;
    private final List<Limits> limits;
    private final WidthCosts costs;
    private final Map<Cost, Double> goals;

    /**
     * Looks at a network.
     *
     * @param graph the network
     * @param limits what to leave of each space
     * @param kept spaces that must keep their size
     * @param goals what each cost may be at most, as it follows from the axes; see {@link GlobalRanking#errors}
     */
    public Allocations(
            NetworkGraph graph,
            Function<UnitSpace, Limits> limits,
            Predicate<UnitSpace> kept,
            Map<Cost, Double> goals) {
        this.spaces = GlobalRanking.spaces(graph, kept);
        this.limits = spaces.stream().map(limits).toList();
        this.costs = new WidthCosts(graph);
        this.goals = Map.copyOf(goals);
    }

    /**
     * Gives the spaces whose widths can be chosen.
     *
     * @return in the order of the network, which is that of all lists and arrays of widths
     */
    public List<UnitSpace> spaces() {
        return spaces;
    }

    /**
     * Gives widths by the names of their spaces.
     *
     * @param widths one for each space
     * @return in the order of the network
     */
    public Map<String, Integer> named(List<Integer> widths) {
        Map<String, Integer> named = new LinkedHashMap<>();
        for (int s = 0; s < widths.size(); s++) {
            named.put(spaces.get(s).name(), widths.get(s));
        }
        return named;
    }

    /**
     * Gives widths in the order of the network.
     *
     * @param named widths by the names of spaces; spaces that are left out have their full width
     * @return one for each space
     */
    public List<Integer> widths(Map<String, Integer> named) {
        return spaces.stream()
                .map(space -> named.getOrDefault(space.name(), Math.toIntExact(space.size())))
                .toList();
    }

    /**
     * Changes a width by a factor, but to the next one that is allowed at least.
     *
     * @param space index of the space
     * @param width its width
     * @param step logarithm of the factor
     * @return the width, before limits
     */
    public double changed(int space, int width, double step) {
        Limits allowed = limits.get(space);
        int factored = (int) Math.round(width * Math.exp(step));
        return allowed.width(spaces.get(space), factored) == width
                ? width + Math.signum(step) * allowed.multipleOf()
                : factored;
    }

    /**
     * Finds the largest widths that the costs allow where some are fixed and the others keep their proportions.
     *
     * @param wanted a width for each space, &gt; 0; before limits
     * @param fixed which of them are not to change, apart from limits
     * @return the widths; empty if there are none
     */
    public List<Integer> filled(double[] wanted, boolean[] fixed) {
        double low = 1 / LARGEST_FACTOR;
        double high = LARGEST_FACTOR;
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = Math.sqrt(low * high);
            List<Integer> scaled = scaled(wanted, fixed, middle);
            if (fits(scaled)) {
                widths = scaled;
                low = middle;
            } else {
                high = middle;
            }
        }
        if (!widths.isEmpty()) {
            fillUp(widths, fixed);
        }
        return widths;
    }

    private List<Integer> scaled(double[] wanted, boolean[] fixed, double factor) {
        List<Integer> scaled = new ArrayList<>();
        for (int s = 0; s < wanted.length; s++) {
            double width =
                    Math.min(wanted[s] * (fixed[s] ? 1 : factor), spaces.get(s).size());
            scaled.add(limits.get(s).width(spaces.get(s), (int) Math.round(width)));
        }
        return scaled;
    }

    /** Gives spaces that are not fixed single units as long as there is room. */
    private void fillUp(List<Integer> widths, boolean[] fixed) {
        boolean room = true;
        while (room) {
            room = false;
            for (int s = 0; s < fixed.length; s++) {
                int width = widths.get(s);
                int wider = limits.get(s).width(spaces.get(s), width + 1);
                if (!fixed[s] && width < spaces.get(s).size()) {
                    widths.set(s, wider);
                    if (fits(widths)) {
                        room = true;
                    } else {
                        widths.set(s, width);
                    }
                }
            }
        }
    }

    /**
     * Finds the largest width of one space where other spaces have given widths, which may be larger than theirs.
     *
     * @param others widths by the names of spaces
     * @param space name of the space
     * @return the width, at most the space's own; 0 if no width is small enough
     */
    public int largest(Map<String, Integer> others, String space) {
        Map<String, Integer> widths = new LinkedHashMap<>(others);
        int low = 0;
        int high = spaces.stream()
                .filter(each -> each.name().equals(space))
                .mapToInt(each -> Math.toIntExact(each.size()))
                .findFirst()
                .orElse(0);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            widths.put(space, middle);
            if (fits(widths)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private boolean fits(Map<String, Integer> named) {
        return goals.entrySet().stream().allMatch(goal -> costs.of(goal.getKey(), named) <= goal.getValue());
    }

    /**
     * Tells whether costs allow widths.
     *
     * @param widths one for each space
     * @return true if none is too high
     */
    public boolean fits(List<Integer> widths) {
        return fits(named(widths));
    }
}
