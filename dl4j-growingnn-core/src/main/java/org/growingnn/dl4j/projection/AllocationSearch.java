package org.growingnn.dl4j.projection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.growingnn.dl4j.graph.Cost;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;

/**
 * Searches how many units each space keeps within given costs: pattern search (Hooke and Jeeves 1961) over the logarithms of widths. One
 * space becomes wider or narrower by a factor, and all others follow by one factor together so that the costs are used up; what is better
 * is kept, and gone on with. Where nothing is better any more, factors become smaller, at last those of two spaces alone are tried.
 *
 * <p>Networks of the same widths can be made in several variants, such as by several criteria that choose units; the search moves between
 * these, too.
 */
public final class AllocationSearch {

    private static final double FIRST_STEP = 0.5;
    /** Smaller factors change no width below 20 by a unit. */
    private static final double LAST_STEP = 0.04;

    private static final double LARGEST_FACTOR = 1e4;
    private static final int BISECTIONS = 40;

    /** What is to become small. */
    @FunctionalInterface
    public interface Objective {

        /**
         * Grades a network.
         *
         * @param variant number of the variant
         * @param widths width of each space, by name
         * @return the grade, lower is better; infinite for what cannot be taken
         */
        double of(int variant, Map<String, Integer> widths);
    }

    /**
     * A network that was graded.
     *
     * @param variant number of the variant
     * @param widths width of each space, by name
     * @param grade what the objective said
     * @param evaluations how many networks were graded up to the end
     */
    public record Found(int variant, Map<String, Integer> widths, double grade, int evaluations) {}

    private record Point(int variant, List<Integer> widths) {}

    private final List<UnitSpace> spaces;
    private final List<Limits> limits;
    private final WidthCosts costs;
    private final Map<Cost, Double> goals;

    /**
     * Prepares a search.
     *
     * @param graph the network
     * @param limits what to leave of each space
     * @param kept spaces that must keep their size
     * @param goals what each cost may be at most, as it follows from the axes; see {@link GlobalRanking#errors}
     */
    public AllocationSearch(
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
     * Searches. The result is the same whenever the objective is.
     *
     * @param starts widths to begin with, one for each variant, by name; spaces that are left out have their full width
     * @param objective grades networks; asked once for each
     * @param evaluations how often to ask at most, ≥ 1
     * @return the best that was found, at worst the best start
     */
    public Found search(List<Map<String, Integer>> starts, Objective objective, int evaluations) {
        return new Climb(Objects.requireNonNull(objective, "objective"), starts.size(), evaluations).from(starts);
    }

    /** One search. */
    private final class Climb {

        private final Objective objective;
        private final int variants;
        private final int most;
        private final Map<Point, Double> grades = new HashMap<>();
        private Point best = new Point(0, List.of());
        private double grade = Double.POSITIVE_INFINITY;

        Climb(Objective objective, int variants, int most) {
            this.objective = objective;
            this.variants = variants;
            this.most = most;
        }

        Found from(List<Map<String, Integer>> starts) {
            for (int variant = 0; variant < variants; variant++) {
                Map<String, Integer> start = starts.get(variant);
                Point point = new Point(
                        variant,
                        spaces.stream()
                                .map(space -> start.getOrDefault(space.name(), Math.toIntExact(space.size())))
                                .toList());
                if (!tried(point) && variant == 0) {
                    best = point;
                }
            }
            for (double step = FIRST_STEP; step >= LAST_STEP && !over(); ) {
                if (!improved(step)) {
                    step /= 2;
                }
            }
            for (double step = FIRST_STEP / 2; step >= LAST_STEP && !over(); ) {
                if (!exchanged(step)) {
                    step /= 2;
                }
            }
            return new Found(best.variant, named(best.widths), grade, grades.size());
        }

        private boolean over() {
            return grades.size() >= most;
        }

        /** Tries each space alone, the other variants, and then to go on in the direction in which all of that led. */
        private boolean improved(double step) {
            Point base = best;
            for (int space = 0; space < spaces.size(); space++) {
                if (!moved(space, step)) {
                    moved(space, -step);
                }
            }
            for (int variant = 0; variant < variants; variant++) {
                tried(new Point(variant, best.widths));
            }
            if (best.equals(base)) {
                return false;
            }
            double[] further = new double[spaces.size()];
            for (int space = 0; space < further.length; space++) {
                double width = best.widths.get(space);
                further[space] = width * width / base.widths.get(space);
            }
            tried(further, new boolean[further.length]);
            return true;
        }

        private boolean moved(int space, double step) {
            double[] wanted = widths();
            wanted[space] = changed(space, step);
            boolean[] fixed = new boolean[wanted.length];
            fixed[space] = true;
            return tried(wanted, fixed);
        }

        /** Tries each pair of spaces, of which one pays for the other. */
        private boolean exchanged(double step) {
            Point base = best;
            for (int space = 0; space < spaces.size(); space++) {
                for (int other = 0; other < spaces.size(); other++) {
                    if (other != space) {
                        double[] wanted = widths();
                        wanted[space] = changed(space, step);
                        boolean[] fixed = new boolean[wanted.length];
                        Arrays.fill(fixed, true);
                        fixed[other] = false;
                        tried(wanted, fixed);
                    }
                }
            }
            return !best.equals(base);
        }

        private double[] widths() {
            return best.widths.stream().mapToDouble(Integer::doubleValue).toArray();
        }

        /** Changes a width by a factor, but to the next one that is allowed at least. */
        private double changed(int space, double step) {
            int width = best.widths.get(space);
            Limits allowed = limits.get(space);
            int factored = (int) Math.round(width * Math.exp(step));
            return allowed.width(spaces.get(space), factored) == width
                    ? width + Math.signum(step) * allowed.multipleOf()
                    : factored;
        }

        private boolean tried(double[] wanted, boolean[] fixed) {
            if (over()) {
                return false;
            }
            List<Integer> widths = filled(wanted, fixed);
            return !widths.isEmpty() && tried(new Point(best.variant, widths));
        }

        /** Grades what was not yet, and tells whether it is better. */
        private boolean tried(Point point) {
            if (over() || grades.containsKey(point)) {
                return false;
            }
            double told = objective.of(point.variant, named(point.widths));
            grades.put(point, told);
            if (told < grade) {
                best = point;
                grade = told;
                return true;
            }
            return false;
        }
    }

    /** Finds the largest widths that the costs allow where some are fixed and the others keep their proportions; none if there are none. */
    private List<Integer> filled(double[] wanted, boolean[] fixed) {
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

    private boolean fits(List<Integer> widths) {
        Map<String, Integer> named = named(widths);
        return goals.entrySet().stream().allMatch(goal -> costs.of(goal.getKey(), named) <= goal.getValue());
    }

    private Map<String, Integer> named(List<Integer> widths) {
        Map<String, Integer> named = new LinkedHashMap<>();
        for (int s = 0; s < widths.size(); s++) {
            named.put(spaces.get(s).name(), widths.get(s));
        }
        return named;
    }
}
