package org.growingnn.dl4j.training;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.graph.LatencyTable.Size;
import org.growingnn.dl4j.graph.Layout;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.GlobalRanking;
import org.growingnn.dl4j.projection.GlobalRanking.Limits;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.value.Ranges;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Measures how long forward passes take, as Deeplearning4j runs them as computation graphs in this process: with the BLAS threads that it
 * has, and whatever else the machine does at the time. Immutable.
 *
 * <p>For a table, narrower networks are made from the given one, all of whose spaces have a share of their units, or every other space
 * another share than the rest. Each is run, its vertices are timed one by one, and the medians of their times are fitted. All times are
 * then scaled by one factor, so that they add up to what whole passes take of the network and of one of half its width.
 */
public final class LatencyMeter {

    /** Number of passes whose median counts, unless told otherwise. */
    public static final int DEFAULT_PASSES = 30;

    /** Passes of each network before those that count. */
    public static final int WARM_UP = 5;

    /** A virtual machine that has just started compiles what it runs often, and takes twice as long until then. */
    private static final int FIRST_PASSES = 300;

    private static final long FIRST_NANOS = 2_000_000_000L;

    /** Shares of the units of even and of odd spaces. Equal ones alone would not tell inputs from outputs. */
    private static final double[][] SHARES = {
        {1, 1},
        {0.75, 0.75},
        {0.5, 0.5},
        {0.25, 0.25},
        {0.125, 0.125},
        {1, 0.5},
        {0.5, 1},
        {1, 0.2},
        {0.2, 1},
        {0.5, 0.2},
        {0.2, 0.5}
    };

    private static final double[] HALF = {0.5, 0.5};

    private final int passes;
    private final LongSupplier clock;

    /** Makes a meter of {@value #DEFAULT_PASSES} passes. */
    public LatencyMeter() {
        this(DEFAULT_PASSES, System::nanoTime);
    }

    /**
     * Makes a meter with another clock, for example to try out what depends on times.
     *
     * @param passes number of passes whose median counts, ≥ 1
     * @param clock tells nanoseconds since any moment
     */
    public LatencyMeter(int passes, LongSupplier clock) {
        Ranges.requireAtLeast("passes", passes, 1);
        this.passes = passes;
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Tells how many passes count.
     *
     * @return the number
     */
    public int passes() {
        return passes;
    }

    /**
     * Measures the layers of a network at several widths.
     *
     * @param network the network; not modified
     * @param batch examples
     * @return what its layers take on as many examples
     */
    public LatencyTable table(NetworkGraph network, MultiDataSet batch) {
        warmUp(network, batch);
        Map<String, LatencyFit> fits = new LinkedHashMap<>();
        network.order().forEach(name -> fits.put(name, new LatencyFit()));
        List<Long> besides = new ArrayList<>();
        for (double[] shares : SHARES) {
            NetworkGraph narrow = narrowed(network, shares);
            Map<String, Long> times = times(narrow, batch, besides);
            fits.forEach((name, fit) -> fit.add(Size.of(narrow, name), times.getOrDefault(name, 0L)));
        }
        List<LatencyTable.Layer> layers = new ArrayList<>();
        fits.forEach((name, fit) -> layers.add(fit.layer(name)));
        LatencyTable table = new LatencyTable(
                Math.toIntExact(batch.getFeatures(0).size(0)),
                Math.max(0, median(besides.stream().mapToLong(Long::longValue).toArray())),
                layers);
        return scaled(table, network, batch);
    }

    /** Whole passes of networks that take turns, as those that are checked later, find less in the caches than one that runs alone. */
    private LatencyTable scaled(LatencyTable table, NetworkGraph network, MultiDataSet batch) {
        List<NetworkGraph> networks = List.of(network, narrowed(network, HALF));
        long[] medians = medians(networks, batch);
        double factor = 1;
        for (int i = 0; i < medians.length; i++) {
            factor *= Math.max(1.0, medians[i]) / Math.max(1.0, table.of(networks.get(i)));
        }
        double mean = Math.sqrt(factor);
        return new LatencyTable(
                table.examples(),
                table.pass() * mean,
                table.layers().stream()
                        .map(layer -> new LatencyTable.Layer(
                                layer.name(),
                                layer.fixed() * mean,
                                layer.perInput() * mean,
                                layer.perOutput() * mean,
                                layer.perWeight() * mean))
                        .toList());
    }

    private void warmUp(NetworkGraph network, MultiDataSet batch) {
        ComputationGraph model = ModelWriter.toComputationGraph(network);
        try {
            long spent = 0;
            for (int pass = 0; pass < FIRST_PASSES && spent < FIRST_NANOS; pass++) {
                spent += pass(model, batch);
            }
        } finally {
            LiveModel.release(model);
        }
    }

    private static NetworkGraph narrowed(NetworkGraph network, double[] shares) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        int number = 0;
        for (UnitSpace space : network.spaces()) {
            if (space.resizable() && space.size() != Layout.UNKNOWN) {
                double share = shares[number++ % 2];
                int width = Limits.NONE.width(space, (int) Math.round(share * space.size()));
                kept.put(space.name(), IntStream.range(0, width).toArray());
            }
        }
        return Resizer.resize(network, GlobalRanking.maps(network, kept), false);
    }

    /** Times each vertex by its name, and adds what a pass takes beside them. */
    private Map<String, Long> times(NetworkGraph network, MultiDataSet batch, List<Long> besides) {
        ComputationGraph model = ModelWriter.toComputationGraph(network);
        try {
            GraphVertex[] vertices = model.getVertices();
            long[] last = new long[vertices.length];
            for (int i = 0; i < vertices.length; i++) {
                if (!vertices[i].isInputVertex()) {
                    vertices[i] = timed(vertices[i], last, i);
                }
            }
            long[][] times = new long[vertices.length][passes];
            long[] rest = new long[passes];
            for (int pass = -WARM_UP; pass < passes; pass++) {
                Arrays.fill(last, 0);
                long whole = pass(model, batch);
                if (pass >= 0) {
                    for (int i = 0; i < vertices.length; i++) {
                        times[i][pass] = last[i];
                    }
                    rest[pass] = whole - Arrays.stream(last).sum();
                }
            }
            Map<String, Long> medians = new LinkedHashMap<>();
            for (int i = 0; i < vertices.length; i++) {
                medians.put(vertices[i].getVertexName(), median(times[i]));
            }
            besides.add(median(rest));
            return medians;
        } finally {
            LiveModel.release(model);
        }
    }

    /** Deeplearning4j knows vertices by an interface while it runs them. */
    private GraphVertex timed(GraphVertex vertex, long[] last, int index) {
        return (GraphVertex) Proxy.newProxyInstance(
                GraphVertex.class.getClassLoader(), new Class<?>[] {GraphVertex.class}, (proxy, method, arguments) -> {
                    boolean forward = method.getName().equals("doForward");
                    long start = forward ? clock.getAsLong() : 0;
                    try {
                        return method.invoke(vertex, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        if (forward) {
                            last[index] += clock.getAsLong() - start;
                        }
                    }
                });
    }

    /**
     * Measures networks side by side: their passes take turns, so that what else the machine does concerns all of them alike.
     *
     * @param networks the networks; not modified
     * @param batch examples
     * @return the median time of a pass of each, in nanoseconds
     */
    public long[] medians(List<NetworkGraph> networks, MultiDataSet batch) {
        List<ComputationGraph> models = new ArrayList<>();
        try {
            networks.forEach(network -> models.add(ModelWriter.toComputationGraph(network)));
            long[][] times = new long[models.size()][passes];
            for (int pass = -WARM_UP; pass < passes; pass++) {
                for (int i = 0; i < times.length; i++) {
                    long time = pass(models.get(i), batch);
                    if (pass >= 0) {
                        times[i][pass] = time;
                    }
                }
            }
            return Arrays.stream(times).mapToLong(LatencyMeter::median).toArray();
        } finally {
            models.forEach(LiveModel::release);
        }
    }

    private long pass(ComputationGraph model, MultiDataSet batch) {
        long start = clock.getAsLong();
        LiveModel.output(model, batch);
        return clock.getAsLong() - start;
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
