package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import org.growingnn.dl4j.graph.Calibration;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Role;
import org.growingnn.dl4j.graph.UnitSpace;

/**
 * The criteria that need calibration. Calibration may be partial: actions on layers keep what is known of the others only, and wide
 * spaces have no moments. A space of which nothing is known must neither be the first to go nor the last one, which ratings of 0 or of
 * another scale would make it.
 */
abstract class CalibratedCriteria implements Criterion {

    private static final Criterion TAYLOR = new Slopes("taylor", false, (weight, slope) -> Math.abs(weight * slope));
    private static final Criterion FISHER =
            new Slopes("fisher", true, (weight, square) -> weight * weight * square / 2);
    private static final Criterion ACTIVATION = new Activation();
    private static final Criterion PIVOTED_QR = new PivotedQr();

    private final String name;

    private CalibratedCriteria(String name) {
        this.name = name;
    }

    static Criterion taylor() {
        return TAYLOR;
    }

    static Criterion fisher() {
        return FISHER;
    }

    static Criterion activation() {
        return ACTIVATION;
    }

    static Criterion pivotedQr() {
        return PIVOTED_QR;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean needsCalibration() {
        return true;
    }

    @Override
    public boolean needsGradients() {
        return false;
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public double[] rate(NetworkGraph graph, UnitSpace space) {
        return known(graph, space).orElseGet(() -> scaledGain(graph, space));
    }

    /** Rates units by what calibration tells, or gives nothing if it does not tell anything about the space. */
    abstract Optional<double[]> known(NetworkGraph graph, UnitSpace space);

    /** Rates units by their weights, on the scale that this criterion has where something is known. */
    private double[] scaledGain(NetworkGraph graph, UnitSpace space) {
        double ratings = 0;
        double gains = 0;
        for (UnitSpace other : graph.spaces()) {
            // Frozen spaces are those of inputs and outputs, which have no weights on one side.
            if (other.resizable() && !other.features() && other.size() != Layout.UNKNOWN) {
                Optional<double[]> known = known(graph, other);
                if (known.isPresent()) {
                    ratings += Arrays.stream(known.get()).sum();
                    gains += Arrays.stream(byWeights(graph, other)).sum();
                }
            }
        }
        double factor = ratings > 0 && gains > 0 ? ratings / gains : 1;
        return Arrays.stream(byWeights(graph, space)).map(gain -> factor * gain).toArray();
    }

    /** Rates units by their weights, on any scale, but in the proportions that this criterion has. */
    double[] byWeights(NetworkGraph graph, UnitSpace space) {
        return Criteria.gain().rate(graph, space);
    }

    /** Adds up a term of every weight and of what is known about its slope. */
    private static final class Slopes extends CalibratedCriteria {

        private final boolean squared;
        private final DoubleBinaryOperator term;

        private Slopes(String name, boolean squared, DoubleBinaryOperator term) {
            super(name);
            this.squared = squared;
            this.term = term;
        }

        @Override
        public boolean needsSquaredGradients() {
            return squared;
        }

        /** Squares of weights and slopes grow with the square of what weights alone tell. */
        @Override
        double[] byWeights(NetworkGraph graph, UnitSpace space) {
            double[] gains = super.byWeights(graph, space);
            return squared ? Arrays.stream(gains).map(gain -> gain * gain).toArray() : gains;
        }

        /** Gives a calibration whose gradients are what the term is of. */
        private Calibration slopes(NetworkGraph graph) {
            Calibration calibration = Calibrated.of(graph, this);
            if (!squared) {
                return calibration;
            }
            // Actions keep both or neither.
            if (calibration.squaredGradients().isEmpty()
                    && !calibration.gradients().isEmpty()) {
                throw new IllegalStateException("The network's calibration holds no squared gradients, which " + this
                        + " needs.\nMaybe collect them by Calibrator.withSquaredGradients(true)?");
            }
            return new Calibration(calibration.squaredGradients(), Map.of(), Map.of());
        }

        @Override
        public boolean needsGradients() {
            return true;
        }

        /** Ratings are estimates of the loss, in all layers. */
        @Override
        public boolean comparable() {
            return true;
        }

        @Override
        Optional<double[]> known(NetworkGraph graph, UnitSpace space) {
            Calibration calibration = slopes(graph);
            UnitWeights.Count producing = UnitWeights.count(graph, space, Role.PRODUCES, calibration);
            UnitWeights.Count consuming = UnitWeights.count(graph, space, Role.CONSUMES, calibration);
            double[] result = Criteria.zeros(space);
            if (producing.all() == producing.known() && consuming.all() == consuming.known()) {
                add(graph, space, Role.PRODUCES, calibration, result);
                add(graph, space, Role.CONSUMES, calibration, result);
                return Optional.of(result);
            }
            if (producing.known() == 0 && consuming.known() == 0) {
                return Optional.empty();
            }
            double[] incoming = estimate(graph, space, Role.PRODUCES, calibration, producing);
            double[] outgoing = estimate(graph, space, Role.CONSUMES, calibration, consuming);
            double[] onlyOne = producing.known() == 0 ? outgoing : incoming;
            boolean sideUnknown =
                    producing.known() == 0 && producing.all() > 0 || consuming.known() == 0 && consuming.all() > 0;
            Arrays.setAll(result, unit -> sideUnknown ? 2 * onlyOne[unit] : incoming[unit] + outgoing[unit]);
            return Optional.of(result);
        }

        /** Lets weights without gradients count as those that have them. */
        private double[] estimate(
                NetworkGraph graph, UnitSpace space, Role role, Calibration calibration, UnitWeights.Count count) {
            double[] sums = Criteria.zeros(space);
            add(graph, space, role, calibration, sums);
            if (count.known() > 0) {
                double factor = (double) count.all() / count.known();
                Arrays.setAll(sums, unit -> factor * sums[unit]);
            }
            return sums;
        }

        private void add(NetworkGraph graph, UnitSpace space, Role role, Calibration calibration, double[] sums) {
            UnitWeights.sum(graph, space, role, calibration, term, sums);
        }
    }

    private static final class Activation extends CalibratedCriteria {

        private Activation() {
            super("activation");
        }

        @Override
        Optional<double[]> known(NetworkGraph graph, UnitSpace space) {
            return Calibrated.activations(graph, space, this).map(activations -> {
                double[] result = Criteria.zeros(space);
                Arrays.setAll(result, unit -> Math.sqrt(activations.product(unit, unit)));
                return result;
            });
        }
    }

    private static final class PivotedQr extends CalibratedCriteria {

        private PivotedQr() {
            super("pivoted-qr");
        }

        @Override
        public double[] rate(NetworkGraph graph, UnitSpace space) {
            // What is not known has the same scale, and decomposing the other spaces to tell it would take long.
            return known(graph, space).orElseGet(() -> ACTIVATION.rate(graph, space));
        }

        @Override
        Optional<double[]> known(NetworkGraph graph, UnitSpace space) {
            return Calibrated.activations(graph, space, this).map(PivotedQr::residuals);
        }

        /** Works on the products of activations: pivoted Cholesky of AᵀA is pivoted QR of A. */
        private static double[] residuals(Activations activations) {
            int size = activations.size();
            double[] residual = new double[size];
            Arrays.setAll(residual, unit -> activations.product(unit, unit));
            double[] result = new double[size];
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
}
