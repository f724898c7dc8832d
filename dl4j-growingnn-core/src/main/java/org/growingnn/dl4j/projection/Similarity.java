package org.growingnn.dl4j.projection;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.growingnn.dl4j.graph.Calibration.Activations;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;

/**
 * Mixes units whose activations on calibration data are alike. Units that never vary take no part: nothing correlates with them,
 * and a constant is no loss that the biases of consumers could not make up for. Where the activations of a space are unknown, because
 * it is too wide or was changed since calibration, the units that {@link Criteria#gain()} rates highest are kept as they are.
 */
abstract class Similarity implements Projection {

    private final String name;

    private Similarity(String name) {
        this.name = name;
    }

    /** Orders the units by similarity and shrinks with a kernel Q on the producing and Q⁺ on the consuming side. */
    static Projection ordered(String name, Kernel kernel) {
        return new Ordered(name, kernel);
    }

    /** Merges clusters of units. */
    static Projection clusters() {
        return new Clusters();
    }

    /** Makes a matrix that shrinks neighbours. */
    interface Kernel {
        SparseMatrix matrix(int from, int to);
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
    public boolean preservesFunction(long size, long newSize) {
        return newSize >= size;
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
        if (newSize >= space.size()) {
            return Projections.replication().map(graph, space, newSize);
        }
        Optional<Activations> known = Calibrated.activations(graph, space, this);
        if (known.isEmpty()) {
            return Projections.importance().map(graph, space, newSize);
        }
        int[] live = IntStream.range(0, known.get().size())
                .filter(unit -> !known.get().constant(unit))
                .toArray();
        if (live.length <= newSize) {
            // All that vary stay as they are.
            double[] ratings = new double[known.get().size()];
            Arrays.setAll(
                    ratings, unit -> known.get().constant(unit) ? known.get().product(unit, unit) : Double.MAX_VALUE);
            return UnitMap.selection(ratings.length, GlobalRanking.best(ratings, newSize));
        }
        return merge(known.get(), live, UnitWeights.outgoing(graph, space), newSize);
    }

    /** Turns more live units than there will be into new ones. */
    abstract UnitMap merge(Activations activations, int[] live, double[] outgoing, int newSize);

    private static final class Ordered extends Similarity {

        private final Kernel kernel;

        private Ordered(String name, Kernel kernel) {
            super(name);
            this.kernel = kernel;
        }

        @Override
        UnitMap merge(Activations activations, int[] live, double[] outgoing, int newSize) {
            double[] equal = new double[live.length];
            Arrays.fill(equal, 1);
            List<Integer> order =
                    new Agglomeration(equal, (i, j) -> 2 - 2 * activations.correlation(live[i], live[j])).order();
            SparseMatrix q = kernel.matrix(live.length, newSize);
            SparseMatrix inverse = PseudoInverse.transposed(q);
            SparseMatrix producer = permute(q, order, live, activations.size());
            return new UnitMap(producer, permute(inverse, order, live, activations.size()), producer);
        }

        private static SparseMatrix permute(SparseMatrix matrix, List<Integer> order, int[] live, int size) {
            SparseMatrix.Builder builder = SparseMatrix.builder(size);
            for (int i = 0; i < matrix.rows(); i++) {
                matrix.forEach(i, (j, value) -> builder.entry(live[order.get(j)], value));
                builder.endRow();
            }
            return builder.build();
        }
    }

    /**
     * A new unit is the mean of a cluster, weighted by what its units contribute to their consumers; each old unit is replaced by
     * the multiple of it that comes closest, so that scales are kept.
     */
    private static final class Clusters extends Similarity {

        private Clusters() {
            super("clusters");
        }

        @Override
        UnitMap merge(Activations activations, int[] live, double[] outgoing, int newSize) {
            double[] weights = new double[live.length];
            double largest = 0;
            for (int i = 0; i < live.length; i++) {
                weights[i] = activations.covariance(live[i], live[i]) * outgoing[live[i]];
                largest = Math.max(largest, weights[i]);
            }
            // Units without any effect still need a place.
            double least = largest > 0 ? 1e-9 * largest : 1;
            Arrays.setAll(weights, i -> Math.max(least, weights[i]));
            List<List<Integer>> clusters = new Agglomeration(
                            weights, (i, j) -> 2 - 2 * activations.correlation(live[i], live[j]))
                    .clusters(newSize);
            SparseMatrix.Builder producer = SparseMatrix.builder(activations.size());
            SparseMatrix.Builder consumer = SparseMatrix.builder(activations.size());
            for (List<Integer> cluster : clusters) {
                double total =
                        cluster.stream().mapToDouble(i -> Math.sqrt(weights[i])).sum();
                double square = 0;
                for (int i : cluster) {
                    for (int j : cluster) {
                        square += Math.sqrt(weights[i] * weights[j])
                                * activations.product(live[i], live[j])
                                / (total * total);
                    }
                }
                for (int i : cluster) {
                    producer.entry(live[i], Math.sqrt(weights[i]) / total);
                    double product = 0;
                    for (int j : cluster) {
                        product += Math.sqrt(weights[j]) / total * activations.product(live[i], live[j]);
                    }
                    consumer.entry(live[i], product / square);
                }
                producer.endRow();
                consumer.endRow();
            }
            SparseMatrix mixture = producer.build();
            return new UnitMap(mixture, consumer.build(), mixture);
        }
    }
}
