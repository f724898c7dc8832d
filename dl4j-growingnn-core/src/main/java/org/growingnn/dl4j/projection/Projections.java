package org.growingnn.dl4j.projection;

import java.util.List;
import java.util.Optional;
import org.growingnn.dl4j.graph.CandidateUnits;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;

/** The projections of the library. */
public final class Projections {

    /** Share of random variation when outgoing weights are split among copies. */
    private static final double SPLIT_JITTER = 0.2;

    private static final Projection PAPER = new Paper();
    private static final Projection PSEUDO_INVERSE = new PseudoInverseProjection();
    private static final Projection REPLICATION = new Replication();

    private static final Projection IMPORTANCE = new Selection("importance", Criteria.gain(), REPLICATION);

    private static final Projection SIMILARITY = Similarity.ordered("similarity", QuasiIdentity::bilinear);
    private static final Projection SIMILARITY_AREA = Similarity.ordered("similarity-area", QuasiIdentity::area);
    private static final Projection CLUSTERS = Similarity.clusters();

    private static final String REFIT = "+refit";
    private static final String GRADIENT = "+gradient";

    private static final List<Projection> NAMED = List.of(
            PAPER,
            PSEUDO_INVERSE,
            REPLICATION,
            IMPORTANCE,
            SIMILARITY,
            SIMILARITY_AREA,
            CLUSTERS,
            selection(Criteria.l1()),
            selection(Criteria.l2()),
            selection(Criteria.taylor()),
            selection(Criteria.fisher()),
            selection(Criteria.lamp()),
            selection(Criteria.geometricMedian()),
            selection(Criteria.activation()),
            selection(Criteria.batchNormScale()),
            selection(Criteria.pivotedQr()));

    private Projections() {}

    /**
     * The formula of the GrowingNN paper: the bilinear quasi-identity Q on the producing side, {@code W_middle · Qᵀ} on the
     * consuming side, Q for per-unit values, both for shrinking and for growing.
     *
     * <p>It loses scale (at 50 % the consumers receive half of the signal) and growth changes the function. It exists to
     * reproduce the paper; prefer {@link #pseudoInverse()}.
     *
     * @return the paper's projection
     */
    public static Projection paper() {
        return PAPER;
    }

    /**
     * Shrinks with the bilinear quasi-identity Q and its Moore–Penrose inverse {@code W_middle · Q⁺} on the consuming side, so
     * that only what lies outside the kept subspace is lost; grows by {@link #replication()}.
     *
     * @return the pseudo-inverse projection
     */
    public static Projection pseudoInverse() {
        return PSEUDO_INVERSE;
    }

    /**
     * Nearest-neighbour resizing. Growing replicates units and splits their outgoing weights among the copies (Net2Net, Chen,
     * Goodfellow and Shlens 2016), which preserves the function exactly; shrinking keeps evenly spaced units as they are.
     *
     * @return the nearest-neighbour projection
     */
    public static Projection replication() {
        return REPLICATION;
    }

    /**
     * Shrinks by keeping the units that {@link Criteria#gain()} rates highest, as they are, which is exact for what it keeps,
     * through any activation and batch norm; grows by {@link #replication()}.
     *
     * @return the importance projection
     */
    public static Projection importance() {
        return IMPORTANCE;
    }

    /**
     * Shrinks by keeping the units that a criterion rates highest, as they are; grows by {@link #replication()}.
     *
     * @param criterion rates units
     * @return the projection, named {@code importance-} and the criterion's name
     */
    public static Projection selection(Criterion criterion) {
        return new Selection("importance-" + criterion.name(), criterion, REPLICATION);
    }

    /**
     * Shrinks with the bilinear quasi-identity Q after ordering the units so that those with similar activations are neighbours,
     * and its Moore–Penrose inverse on the consuming side; grows by {@link #replication()}. Spaces whose activations are unknown are
     * shrunk by {@link #importance()}.
     *
     * @return the projection; it resizes calibrated networks only
     */
    public static Projection similarity() {
        return SIMILARITY;
    }

    /**
     * Like {@link #similarity()} with an area kernel, which leaves no unit out: better for large reductions.
     *
     * @return the projection; it resizes calibrated networks only
     */
    public static Projection similarityArea() {
        return SIMILARITY_AREA;
    }

    /**
     * Merges clusters of units whose activations are correlated into weighted means, and gives each consumer the multiple of the mean
     * that comes closest to each old unit; grows by {@link #replication()}. Spaces whose activations are unknown are shrunk by {@link
     * #importance()}.
     *
     * @return the projection; it resizes calibrated networks only
     */
    public static Projection clusters() {
        return CLUSTERS;
    }

    /**
     * Solves the weights that consume reduced units anew after another projection, see {@link Refit}.
     *
     * @param projection the projection
     * @return the same with refit; it resizes calibrated networks only
     */
    public static Projection refitted(Projection projection) {
        return projection.refits() ? projection : new Refitted(projection);
    }

    /**
     * Grows by new units that the loss's gradient asks for, instead of copies of old ones, and shrinks as another projection does. New units
     * have random incoming weights and outgoing weights of 0, so that the function is preserved. They are those of a pool whose
     * outgoing weights the gradient would move most, see {@link UnitPool}; calibration ranks the pool once for all candidates
     * of a search. Where the pool has too few, as in a layer that was added since, a space grows as the other projection makes it.
     *
     * @param projection the projection to shrink by
     * @return the projection, named like the other one with {@code +gradient} behind it; it grows calibrated networks only
     */
    public static Projection growingByGradient(Projection projection) {
        return projection.needsCandidates() ? projection : new GradientGrowth(projection);
    }

    /**
     * Finds a projection by its name.
     *
     * @param name {@code paper}, {@code pseudo-inverse}, {@code replication}, {@code importance}, {@code importance-} and the name of
     *     a criterion, {@code similarity}, {@code similarity-area} or {@code clusters}; with {@code +refit} behind it, the
     *     refitted one, with {@code +gradient} the one that {@linkplain #growingByGradient grows by gradient}
     * @return the projection
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Projection named(String name) {
        if (name.endsWith(REFIT)) {
            return refitted(named(name.substring(0, name.length() - REFIT.length())));
        }
        if (name.endsWith(GRADIENT)) {
            return growingByGradient(named(name.substring(0, name.length() - GRADIENT.length())));
        }
        return NAMED.stream()
                .filter(projection -> projection.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no projection '" + name + "'.\nMaybe one of "
                        + NAMED.stream().map(Projection::name).toList() + ", perhaps with " + REFIT + " or " + GRADIENT
                        + "?"));
    }

    /** Does what another projection does, but for what it says itself. */
    private interface Wrapper extends Projection {

        Projection projection();

        @Override
        default UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
            return projection().map(graph, space, newSize);
        }

        @Override
        default boolean needsCalibration() {
            return true;
        }

        @Override
        default boolean needsGradients() {
            return projection().needsGradients();
        }

        @Override
        default boolean needsSquaredGradients() {
            return projection().needsSquaredGradients();
        }

        @Override
        default boolean needsCandidates() {
            return projection().needsCandidates();
        }

        @Override
        default boolean refits() {
            return projection().refits();
        }

        @Override
        default Optional<Criterion> criterion() {
            return projection().criterion();
        }

        @Override
        default boolean preservesFunction(long size, long newSize) {
            return projection().preservesFunction(size, newSize);
        }
    }

    private record Refitted(Projection projection) implements Wrapper {

        @Override
        public String name() {
            return projection.name() + REFIT;
        }

        @Override
        public boolean refits() {
            return true;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** What is added changes nothing; where the pool has too little of it, the other projection grows. */
    private record GradientGrowth(Projection projection) implements Wrapper {

        @Override
        public String name() {
            return projection.name() + GRADIENT;
        }

        @Override
        public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
            if (newSize > space.size()) {
                CandidateUnits units = Calibrated.of(graph, this).candidates().get(space.name());
                if (units != null && units.count() >= newSize - space.size()) {
                    return UnitMap.adding(size(space), newSize, units);
                }
            }
            return projection.map(graph, space, newSize);
        }

        @Override
        public boolean needsCandidates() {
            return true;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    private static int size(UnitSpace space) {
        return Math.toIntExact(space.size());
    }

    private static final class Paper implements Projection {

        @Override
        public String name() {
            return "paper";
        }

        @Override
        public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
            SparseMatrix q = QuasiIdentity.bilinear(size(space), newSize);
            return new UnitMap(q, q, q);
        }

        @Override
        public boolean preservesFunction(long size, long newSize) {
            return size == newSize;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    private static final class PseudoInverseProjection implements Projection {

        @Override
        public String name() {
            return "pseudo-inverse";
        }

        @Override
        public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
            if (newSize >= space.size()) {
                return REPLICATION.map(graph, space, newSize);
            }
            SparseMatrix q = QuasiIdentity.bilinear(size(space), newSize);
            return new UnitMap(q, PseudoInverse.transposed(q), q);
        }

        @Override
        public boolean preservesFunction(long size, long newSize) {
            return newSize >= size;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    private static final class Replication implements Projection {

        @Override
        public String name() {
            return "replication";
        }

        @Override
        public UnitMap map(NetworkGraph graph, UnitSpace space, int newSize) {
            SparseMatrix r = QuasiIdentity.nearest(size(space), newSize);
            // Each old unit's copies share its outgoing weights; normalising the rows of the transpose makes shares sum
            // to 1.
            SparseMatrix shares = r.transpose().normalizeRows().transpose();
            return new UnitMap(r, shares, r, newSize > space.size() ? SPLIT_JITTER : 0);
        }

        @Override
        public boolean preservesFunction(long size, long newSize) {
            return newSize >= size;
        }

        @Override
        public String toString() {
            return name();
        }
    }
}
