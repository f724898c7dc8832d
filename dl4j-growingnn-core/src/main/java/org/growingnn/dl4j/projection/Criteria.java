package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import java.util.function.UnaryOperator;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.Statistic;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;

/** The criteria of the library. */
public final class Criteria {

    private static final Criterion GAIN = new Gain();
    private static final Criterion TAYLOR = CalibratedCriteria.taylor();
    private static final Criterion ACTIVATION = CalibratedCriteria.activation();
    private static final Criterion BATCH_NORM_SCALE = new BatchNormScale();
    private static final Criterion PIVOTED_QR = CalibratedCriteria.pivotedQr();
    private static final Criterion L1 = new Norm("l1", (weight, unused) -> Math.abs(weight));
    private static final Criterion L2 = new Norm("l2", (weight, unused) -> weight * weight);
    private static final UnaryOperator<double[]> SHARES = Criteria::shares;
    private static final Criterion LAMP = new Rescaled("lamp", L2, SHARES);
    private static final Criterion FISHER = CalibratedCriteria.fisher();
    private static final Criterion GEOMETRIC_MEDIAN = new GeometricMedian();

    private Criteria() {}

    /**
     * Chooses by what units are rated where a projection is given.
     *
     * @param projection a projection
     * @param graph the network to rate
     * @return the projection's own criterion, or else {@link #taylor()} for networks that are calibrated with gradients and {@link
     *     #gain()} for others
     */
    public static Criterion of(Projection projection, NetworkGraph graph) {
        boolean gradients = graph.calibration()
                .filter(calibration -> !calibration.gradients().isEmpty())
                .isPresent();
        return projection.criterion().orElse(gradients ? Criteria.taylor() : Criteria.gain());
    }

    /**
     * Rates units and checks what a criterion says.
     *
     * @param criterion rates units
     * @param graph the network
     * @param space a space of the network with a known size
     * @return one value per unit
     * @throws IllegalArgumentException if the criterion gives another number of ratings, or one that is not a number, with its name
     *     and the space
     */
    public static double[] rate(Criterion criterion, NetworkGraph graph, UnitSpace space) {
        double[] ratings = criterion.rate(graph, space);
        if (ratings.length != space.size()) {
            throw new IllegalArgumentException("The criterion '" + criterion.name() + "' gave " + ratings.length
                    + " ratings for the " + space.size() + " units of '" + space.name()
                    + "'.\nMaybe it rates the layer's inputs, or another layer?");
        }
        for (int unit = 0; unit < ratings.length; unit++) {
            if (Double.isNaN(ratings[unit])) {
                throw new IllegalArgumentException(
                        "The criterion '" + criterion.name() + "' rated unit " + unit + " of '"
                                + space.name()
                                + "' NaN.\nMaybe the network's weights or its calibration data are not finite, or the"
                                + " criterion divides by 0?");
            }
        }
        return ratings;
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
     * {@code Σ |w · g|} over all weights w that produce or consume a unit, where g is the loss's gradient, summed over the batches of
     * calibration data. Each term is the first-order (Taylor) estimate of how much the loss changes when the weight becomes 0. It
     * is akin to the criterion of Molchanov et al. (2019), who add up squares of such terms and average them over batches; it
     * keeps the estimates in units of the loss, and takes the whole of the data for one batch.
     *
     * <p>Where calibration is partial, because actions have changed layers since: of the weights on one side of a unit, producing or
     * consuming, those without a gradient of their shape count on average as much as the others of that side; a side of which nothing
     * is known counts as much as the other one. A space of which nothing is known at all is rated by {@link #gain()}, brought to
     * the scale of this criterion: times the ratio of both criteria's sums over the units of all spaces of which something is known.
     *
     * @return the criterion; it rates calibrated networks only
     */
    public static Criterion taylor() {
        return TAYLOR;
    }

    /**
     * {@code Σ ½ w² E[g²]} over all weights w that produce or consume a unit, where g is the loss's gradient: the saliency of Optimal
     * Brain Damage (LeCun, Denker and Solla 1990), {@code ½ h w²}, with the diagonal of the empirical Fisher information in the place of
     * the Hessian's diagonal h, as by Theis et al. (2018). It estimates what removal costs where the first-order term of {@link
     * #taylor()} vanishes, at a minimum of the loss.
     *
     * <p>E[g²] is over examples if calibration data comes in batches of one. From larger batches it is estimated by the squares of
     * their gradients, see {@link org.growingnn.dl4j.graph.Calibration#squaredGradients()}; then more and smaller batches make better
     * estimates. Where calibration is partial, missing values are replaced as for {@link #taylor()}, with the square of {@link #gain()}
     * for spaces of which nothing is known.
     *
     * @return the criterion; it rates networks only whose calibration holds squared gradients
     */
    public static Criterion fisher() {
        return FISHER;
    }

    /**
     * The sum of a unit's distances to all other units of its space, where a unit is the vector of all weights and biases that produce
     * it, in all layers of the space. Units with a small sum are near to the geometric median, and are what the others can stand for (FPGM,
     * He et al. 2019). Features of network inputs, which nothing produces, are vectors of the weights that consume them. For n units
     * of d weights this takes time for {@code n² d / 2} products.
     *
     * @return the criterion
     */
    public static Criterion geometricMedian() {
        return GEOMETRIC_MEDIAN;
    }

    /**
     * Layer-adaptive magnitudes (LAMP, Lee et al. 2021) of units: the {@link #l2() sum of squares} of a unit's weights, divided by that of
     * all units of its space that are not smaller, itself included. Such scores compare between spaces. Equal units leave in descending
     * order of their indices. It is the {@link #share} of {@link #l2()}.
     *
     * @return the criterion
     */
    public static Criterion lamp() {
        return LAMP;
    }

    /**
     * {@code √E[a²]} of a unit's activation a on calibration data, behind batch norm and activation function where these follow
     * the layer; 0 for units that never become active. Units whose activations are unknown are rated by {@link #gain()}, brought to
     * the scale of this criterion as for {@link #taylor()}.
     *
     * @return the criterion; it rates calibrated networks only
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
     * activations on calibration data, which picks the unit with the largest residual first. Units whose activations are unknown are
     * rated as by {@link #activation()}.
     *
     * @return the criterion; it rates calibrated networks only
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
        return new Rescaled(criterion.name(), criterion, Criteria::overMean);
    }

    /**
     * Divides a criterion by its sum over the units that are left in the space when it is the unit's turn to go, which are those rated
     * at least as high: {@code s₍ₖ₎ = r₍ₖ₎ / Σ r₍ⱼ₎ over j ≥ k}, for ratings in ascending order. A ranking across spaces then takes more
     * from wide spaces than from narrow ones, whose single units matter more, and less the narrower they have become: the last unit
     * of a space has a share of 1. Ratings that are shares already, such as {@link #lamp()}, stay as they are.
     *
     * @param criterion the criterion, whose ratings must not be negative
     * @return the criterion of shares, of the same name and order; it throws an {@link IllegalArgumentException} for negative ratings
     */
    public static Criterion share(Criterion criterion) {
        return criterion instanceof Rescaled rescaled && rescaled.scale == SHARES
                ? criterion
                : new Rescaled(criterion.name(), criterion, SHARES);
    }

    /**
     * Lets a {@linkplain GlobalRanking ranking across spaces} compare the ratings of a criterion as they are, whatever their scales
     * in different spaces. Sums over weights then empty the layers whose units have few weights first. The global threshold for
     * {@code |γ|} of Liu et al. (2017) is {@code absolute(batchNormScale())}.
     *
     * @param criterion the criterion
     * @return the same ratings under the same name, which are {@linkplain Criterion#comparable comparable}
     */
    public static Criterion absolute(Criterion criterion) {
        return new Rescaled(criterion.name(), criterion, ratings -> ratings);
    }

    static double[] zeros(UnitSpace space) {
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
            double[] outgoing = UnitWeights.outgoing(graph, space);
            if (space.features()) {
                // Nothing computes input features: they arrive with a gain of one.
                Arrays.fill(incoming, 1);
            }
            UnitWeights.sum(graph, space, Role.PRODUCES, null, (weight, unused) -> weight * weight, incoming);
            double[] result = zeros(space);
            Arrays.setAll(result, unit -> Math.sqrt(incoming[unit] * outgoing[unit]));
            return result;
        }
    }

    private record Norm(String name, DoubleBinaryOperator term) implements Criterion {

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            double[] result = zeros(space);
            UnitWeights.sum(graph, space, Role.PRODUCES, null, term, result);
            UnitWeights.sum(graph, space, Role.CONSUMES, null, term, result);
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
                            UnitWeights.visit(
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
                                + ", but only ratings that are not negative have shares; use another criterion, relative() or absolute().");
            }
            left += ratings[unit];
            shares[unit] = left == 0 ? 0 : ratings[unit] / left;
        }
        return shares;
    }

    /** A criterion whose ratings of a space are put into relation to each other. */
    private record Rescaled(String name, Criterion criterion, UnaryOperator<double[]> scale) implements Criterion {

        @Override
        public boolean needsCalibration() {
            return criterion.needsCalibration();
        }

        @Override
        public boolean needsSquaredGradients() {
            return criterion.needsSquaredGradients();
        }

        @Override
        public boolean needsGradients() {
            return criterion.needsGradients();
        }

        @Override
        public boolean comparable() {
            return true;
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            return scale.apply(Criteria.rate(criterion, graph, space));
        }
    }

    private record RandomRating(long seed) implements Criterion {

        @Override
        public String name() {
            return "random";
        }

        @Override
        public boolean comparable() {
            return true;
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            SplittableRandom random =
                    new SplittableRandom(seed ^ 31L * space.name().hashCode());
            return random.doubles(space.size()).toArray();
        }
    }
}
