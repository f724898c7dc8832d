package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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

    private final Allocations allocations;

    /**
     * Prepares a search.
     *
     * @param allocations the widths that costs allow
     */
    public AllocationSearch(Allocations allocations) {
        this.allocations = Objects.requireNonNull(allocations, "allocations");
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
                Point point = new Point(variant, allocations.widths(starts.get(variant)));
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
            return new Found(best.variant, allocations.named(best.widths), grade, grades.size());
        }

        private boolean over() {
            return grades.size() >= most;
        }

        /** Tries each space alone, the other variants, and then to go on in the direction in which all of that led. */
        private boolean improved(double step) {
            Point base = best;
            for (int space = 0; space < allocations.spaces().size(); space++) {
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
            double[] further = new double[allocations.spaces().size()];
            for (int space = 0; space < further.length; space++) {
                double width = best.widths.get(space);
                further[space] = width * width / base.widths.get(space);
            }
            tried(further, new boolean[further.length]);
            return true;
        }

        private boolean moved(int space, double step) {
            double[] wanted = widths();
            wanted[space] = allocations.changed(space, best.widths.get(space), step);
            boolean[] fixed = new boolean[wanted.length];
            fixed[space] = true;
            return tried(wanted, fixed);
        }

        /** Tries each pair of spaces, of which one pays for the other. */
        private boolean exchanged(double step) {
            Point base = best;
            for (int space = 0; space < allocations.spaces().size(); space++) {
                for (int other = 0; other < allocations.spaces().size(); other++) {
                    if (other != space) {
                        double[] wanted = widths();
                        wanted[space] = allocations.changed(space, best.widths.get(space), step);
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

        private boolean tried(double[] wanted, boolean[] fixed) {
            if (over()) {
                return false;
            }
            List<Integer> widths = allocations.filled(wanted, fixed);
            return !widths.isEmpty() && tried(new Point(best.variant, widths));
        }

        /** Grades what was not yet, and tells whether it is better. */
        private boolean tried(Point point) {
            if (over() || grades.containsKey(point)) {
                return false;
            }
            double told = objective.of(point.variant, allocations.named(point.widths));
            grades.put(point, told);
            if (told < grade) {
                best = point;
                grade = told;
                return true;
            }
            return false;
        }
    }
}
