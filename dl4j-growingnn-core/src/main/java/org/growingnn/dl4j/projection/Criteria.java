package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/** The criteria of the library. */
public final class Criteria {

    private static final Criterion GAIN = new Gain();
    private static final Criterion L1 = new Norm("l1", (weight, unused) -> Math.abs(weight));
    private static final Criterion L2 = new Norm("l2", (weight, unused) -> weight * weight);

    private Criteria() {}

    /**
     * {@code ‖incoming weights‖ · ‖outgoing weights‖}, Euclidean norms over all axes of the space that produce or consume it. It
     * does not change when a rectified unit's incoming weights are scaled and its outgoing ones scaled back.
     *
     * @return the criterion
     */
    public static Criterion gain() {
        return GAIN;
    }

    /**
     * Sum of the absolute values of all weights that produce or consume a unit (Li et al. 2017).
     *
     * @return the criterion
     */
    public static Criterion l1() {
        return L1;
    }

    /**
     * Sum of the squares of all weights that produce or consume a unit.
     *
     * @return the criterion
     */
    public static Criterion l2() {
        return L2;
    }

    /**
     * First-order estimate of how the loss changes without a unit: {@code Σ |w · ∂L/∂w|} over all weights that produce or
     * consume it (Molchanov et al. 2019), from gradients on calibration data.
     *
     * @param calibration of the network that is rated; for parameters without a gradient of their shape, nothing is added
     * @return the criterion
     */
    public static Criterion taylor(Calibration calibration) {
        return new Taylor(calibration);
    }

    /**
     * Rates units at random: the control that every other criterion must beat.
     *
     * @param seed chooses the numbers
     * @return the criterion
     */
    public static Criterion random(long seed) {
        return new RandomRating(seed);
    }

    /**
     * Divides a criterion by its mean over the space, so that the units of all spaces are alike on average: a ranking across
     * spaces then takes a similar share from each, more from those with many unimportant units.
     *
     * @param criterion the criterion
     * @return the relative criterion, of the same name
     */
    public static Criterion relative(Criterion criterion) {
        return new Relative(criterion);
    }

    /** Visits the values of an axis's array together with the unit of the space that each belongs to. */
    private interface UnitVisitor {
        void visit(int unit, int position);
    }

    private static void visitUnits(
            NetworkGraph graph, UnitSpace space, Axis axis, Tensor value, int index, UnitVisitor visitor) {
        int[] unitOfIndex = new int[(int) value.size(index)];
        Arrays.fill(unitOfIndex, -1);
        int start = 0;
        boolean found = false;
        for (Block block : axis.layout().blocks()) {
            if (graph.space(block).equals(space)) {
                found = true;
                for (int i = 0; i < block.length(); i++) {
                    unitOfIndex[start + i] = i / block.inner();
                }
            }
            start += Math.toIntExact(block.length());
        }
        if (!found) {
            return;
        }
        int inner = 1;
        for (int i = index + 1; i < value.rank(); i++) {
            inner *= (int) value.size(i);
        }
        for (int position = 0; position < value.length(); position++) {
            int unit = unitOfIndex[position / inner % unitOfIndex.length];
            if (unit >= 0) {
                visitor.visit(unit, position);
            }
        }
    }

    /** Adds up something of every weight on the axes of some roles. */
    private static void sum(
            NetworkGraph graph,
            UnitSpace space,
            Role role,
            Calibration gradients,
            DoubleBinaryOperator term,
            double[] sums) {
        for (Vertex vertex : graph.vertices()) {
            graph.axes(vertex.name()).forEach((key, axes) -> {
                Tensor value = vertex.parameters().get(key).value();
                Tensor gradient = gradients == null
                        ? null
                        : gradients.gradient(vertex.name(), key).orElse(null);
                if (gradients != null && (gradient == null || !Arrays.equals(gradient.shape(), value.shape()))) {
                    return;
                }
                for (int axis = 0; axis < axes.size(); axis++) {
                    if (axes.get(axis).role() == role) {
                        visitUnits(
                                graph,
                                space,
                                axes.get(axis),
                                value,
                                axis,
                                (unit, position) -> sums[unit] += term.applyAsDouble(
                                        value.get(position), gradient == null ? 0 : gradient.get(position)));
                    }
                }
            });
        }
    }

    private static double[] zeros(UnitSpace space) {
        return new double[Math.toIntExact(space.size())];
    }

    private record Gain() implements Criterion {

        @Override
        public String name() {
            return "gain";
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] incoming = zeros(space);
            double[] outgoing = zeros(space);
            if (space.selectionOnly()) {
                // Nothing computes input features: they arrive with a gain of one.
                Arrays.fill(incoming, 1);
            }
            sum(graph, space, Role.PRODUCES, null, (weight, unused) -> weight * weight, incoming);
            sum(graph, space, Role.CONSUMES, null, (weight, unused) -> weight * weight, outgoing);
            double[] result = zeros(space);
            Arrays.setAll(result, unit -> Math.sqrt(incoming[unit] * outgoing[unit]));
            return result;
        }
    }

    private record Norm(String name, DoubleBinaryOperator term) implements Criterion {

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] result = zeros(space);
            sum(graph, space, Role.PRODUCES, null, term, result);
            sum(graph, space, Role.CONSUMES, null, term, result);
            return result;
        }
    }

    private record Taylor(Calibration calibration) implements Criterion {

        @Override
        public String name() {
            return "taylor";
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] result = zeros(space);
            sum(graph, space, Role.PRODUCES, calibration, (weight, slope) -> Math.abs(weight * slope), result);
            sum(graph, space, Role.CONSUMES, calibration, (weight, slope) -> Math.abs(weight * slope), result);
            return result;
        }
    }

    private record Relative(Criterion criterion) implements Criterion {

        @Override
        public String name() {
            return criterion.name();
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] ratings = criterion.rate(graph, space);
            double mean = Arrays.stream(ratings).average().orElse(0);
            return mean == 0
                    ? ratings
                    : Arrays.stream(ratings).map(rating -> rating / mean).toArray();
        }
    }

    private record RandomRating(long seed) implements Criterion {

        @Override
        public String name() {
            return "random";
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            SplittableRandom random =
                    new SplittableRandom(seed ^ 31L * space.name().hashCode());
            return random.doubles(space.size()).toArray();
        }
    }
}
