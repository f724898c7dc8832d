package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import java.util.function.UnaryOperator;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.Block;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Statistic;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/** The criteria of the library. */
public final class Criteria {

    private static final Criterion GAIN = new Gain();
    private static final Criterion TAYLOR = new Taylor();
    private static final Criterion ACTIVATION = new Activation();
    private static final Criterion BATCH_NORM_SCALE = new BatchNormScale();
    private static final Criterion PIVOTED_QR = new PivotedQr();
    private static final Criterion L1 = new Norm("l1", (weight, unused) -> Math.abs(weight));
    private static final Criterion L2 = new Norm("l2", (weight, unused) -> weight * weight);

    private Criteria() {}

    /**
     * Chooses by what units are rated where a projection is given.
     *
     * @param projection a projection
     * @param graph the network to rate
     * @return the projection's own criterion, or else {@link #taylor()} for calibrated networks and {@link #gain()} for others
     */
    public static Criterion of(Projection projection, NetworkGraph graph) {
        return projection.criterion().orElse(graph.calibration().isPresent() ? Criteria.taylor() : Criteria.gain());
    }

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
     * consume it (Molchanov et al. 2019), from gradients on calibration data. Parameters without a gradient of their shape add
     * nothing.
     *
     * @return the criterion; it rates calibrated networks only
     */
    public static Criterion taylor() {
        return TAYLOR;
    }

    /**
     * {@code √E[a²]} of a unit's activation a on calibration data, behind batch norm and activation function where these follow
     * the layer; 0 for units that never become active.
     *
     * @return the criterion; it rates calibrated networks only, and units whose activations are unknown by {@link #gain()}
     */
    public static Criterion activation() {
        return ACTIVATION;
    }

    /**
     * {@code |γ|} of batch normalisation (Liu et al. 2017), summed over all normalisations of the space.
     *
     * @return the criterion; units that are not normalised are rated by {@link #gain()}
     */
    public static Criterion batchNormScale() {
        return BATCH_NORM_SCALE;
    }

    /**
     * What a unit's activation adds to those already chosen: the residual in a QR decomposition with column pivoting of the
     * activations on calibration data, which picks the unit with the largest residual first.
     *
     * @return the criterion; it rates calibrated networks only, and units whose activations are unknown by {@link #gain()}
     */
    public static Criterion pivotedQr() {
        return PIVOTED_QR;
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
        return new Rescaled(criterion, Criteria::overMean);
    }

    /**
     * Divides a criterion by its sum over the units that are left in the space when it is the unit's turn to go, which are those rated
     * at least as high: {@code s₍ₖ₎ = r₍ₖ₎ / Σ r₍ⱼ₎ over j ≥ k}, for ratings in ascending order. A ranking across spaces then takes more
     * from wide spaces than from narrow ones, whose single units matter more, and less the narrower they have become: the last unit
     * of a space has a share of 1.
     *
     * @param criterion the criterion, whose ratings must not be negative
     * @return the criterion of shares, of the same name and order; it throws an {@link IllegalArgumentException} for negative ratings
     */
    public static Criterion share(Criterion criterion) {
        return new Rescaled(criterion, Criteria::shares);
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
                        : gradients.gradient(vertex.name(), key, value.shape()).orElse(null);
                if (gradients != null && gradient == null) {
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

    /** Sums the squares of the weights that consume each unit. */
    static double[] outgoing(NetworkGraph graph, UnitSpace space) {
        double[] result = zeros(space);
        sum(graph, space, Role.CONSUMES, null, (weight, unused) -> weight * weight, result);
        return result;
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
            double[] outgoing = outgoing(graph, space);
            if (space.selectionOnly()) {
                // Nothing computes input features: they arrive with a gain of one.
                Arrays.fill(incoming, 1);
            }
            sum(graph, space, Role.PRODUCES, null, (weight, unused) -> weight * weight, incoming);
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

    private record Taylor() implements Criterion {

        @Override
        public String name() {
            return "taylor";
        }

        @Override
        public boolean needsCalibration() {
            return true;
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            Calibration calibration = Calibrated.of(graph, this);
            double[] result = zeros(space);
            sum(graph, space, Role.PRODUCES, calibration, (weight, slope) -> Math.abs(weight * slope), result);
            sum(graph, space, Role.CONSUMES, calibration, (weight, slope) -> Math.abs(weight * slope), result);
            return result;
        }
    }

    private record Activation() implements Criterion {

        @Override
        public String name() {
            return "activation";
        }

        @Override
        public boolean needsCalibration() {
            return true;
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            Optional<Activations> known = Calibrated.activations(graph, space, this);
            if (known.isEmpty()) {
                return GAIN.rate(graph, space);
            }
            double[] result = zeros(space);
            Arrays.setAll(result, unit -> Math.sqrt(known.get().product(unit, unit)));
            return result;
        }
    }

    private record BatchNormScale() implements Criterion {

        @Override
        public String name() {
            return "batch-norm-scale";
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] result = zeros(space);
            boolean normalised = false;
            for (Vertex vertex : graph.vertices()) {
                for (var entry : graph.axes(vertex.name()).entrySet()) {
                    Tensor value = vertex.parameters().get(entry.getKey()).value();
                    for (int i = 0; i < entry.getValue().size(); i++) {
                        Axis axis = entry.getValue().get(i);
                        if (axis.role() == Role.FOLLOWS && axis.statistic() == Statistic.SCALE) {
                            visitUnits(
                                    graph,
                                    space,
                                    axis,
                                    value,
                                    i,
                                    (unit, position) -> result[unit] += Math.abs(value.get(position)));
                            normalised |= axis.layout().blocks().stream()
                                    .anyMatch(block -> graph.space(block).equals(space));
                        }
                    }
                }
            }
            return normalised ? result : GAIN.rate(graph, space);
        }
    }

    private record PivotedQr() implements Criterion {

        @Override
        public String name() {
            return "pivoted-qr";
        }

        @Override
        public boolean needsCalibration() {
            return true;
        }

        /** Works on the products of activations: pivoted Cholesky of AᵀA is pivoted QR of A. */
        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            Optional<Activations> known = Calibrated.activations(graph, space, this);
            if (known.isEmpty()) {
                return GAIN.rate(graph, space);
            }
            Activations activations = known.get();
            int size = activations.size();
            double[] residual = zeros(space);
            Arrays.setAll(residual, unit -> activations.product(unit, unit));
            double[] result = zeros(space);
            boolean[] chosen = new boolean[size];
            double[][] rows = new double[size][];
            for (int step = 0; step < size; step++) {
                int pivot = -1;
                for (int unit = 0; unit < size; unit++) {
                    if (!chosen[unit] && (pivot < 0 || residual[unit] > residual[pivot])) {
                        pivot = unit;
                    }
                }
                chosen[pivot] = true;
                double left = Math.max(0, residual[pivot]);
                result[pivot] = Math.sqrt(left);
                double[] row = new double[size];
                rows[step] = row;
                // Below this, residuals are rounding: the remaining units are combinations of the chosen ones.
                if (left <= 1e-12 * activations.product(pivot, pivot)) {
                    continue;
                }
                for (int unit = 0; unit < size; unit++) {
                    double sum = activations.product(pivot, unit);
                    for (int k = 0; k < step; k++) {
                        sum -= rows[k][pivot] * rows[k][unit];
                    }
                    row[unit] = sum / result[pivot];
                    residual[unit] -= row[unit] * row[unit];
                }
            }
            return result;
        }
    }

    private static double[] overMean(double[] ratings) {
        double mean = Arrays.stream(ratings).average().orElse(0);
        return mean == 0
                ? ratings
                : Arrays.stream(ratings).map(rating -> rating / mean).toArray();
    }

    private static double[] shares(double[] ratings) {
        double[] shares = new double[ratings.length];
        double left = 0;
        // From the highest rating down; of equal ones, the lower index stays longer.
        for (int unit : GlobalRanking.descending(ratings)) {
            if (ratings[unit] < 0) {
                throw new IllegalArgumentException(
                        "Unit " + unit + " is rated " + ratings[unit]
                                + ", but only ratings that are not negative have shares; use another criterion, or relative().");
            }
            left += ratings[unit];
            shares[unit] = left == 0 ? 0 : ratings[unit] / left;
        }
        return shares;
    }

    /** A criterion whose ratings of a space are put into relation to each other. */
    private record Rescaled(Criterion criterion, UnaryOperator<double[]> scale) implements Criterion {

        @Override
        public String name() {
            return criterion.name();
        }

        @Override
        public boolean needsCalibration() {
            return criterion.needsCalibration();
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            return scale.apply(criterion.rate(graph, space));
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
