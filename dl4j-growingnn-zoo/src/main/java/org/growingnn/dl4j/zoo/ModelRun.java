package org.growingnn.dl4j.zoo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.Axis;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Tries every neuron action on one model, and writes a report. */
final class ModelRun {

    private static final Projection PROJECTION = Projections.importance();
    private static final double TOLERANCE = 1e-4;
    private static final int COLLECT_GARBAGE_EVERY = 20;

    private final Specimen specimen;
    private final DataSet data;
    private final int fitEvery;
    private final List<String> failures = new ArrayList<>();
    private boolean fittable;
    private boolean chain;
    private String note = "";
    private Map<String, float[]> expected;
    private int tried;
    private int preserving;
    private int fitted;
    private double worstDeviation;
    private long applyNanos;
    private long rebuildNanos;
    private long forwardNanos;
    private long mebibytes;

    private ModelRun(Specimen specimen, int fitEvery) {
        this.specimen = specimen;
        this.data = specimen.data();
        this.fitEvery = fitEvery;
    }

    /**
     * Runs one model.
     *
     * @param arguments name of the model; every how many-th network to train; file for the report
     * @throws Exception if the report cannot be written
     */
    public static void main(String[] arguments) throws Exception {
        new ModelRun(Specimens.named(arguments[0]), Integer.parseInt(arguments[1]))
                .run()
                .write(Path.of(arguments[2]));
        System.exit(0);
    }

    private ModelReport run() {
        long started = System.nanoTime();
        Model model;
        try {
            model = specimen.builder().build();
        } catch (Exception e) {
            return ModelReport.notBuilt(specimen, "Deeplearning4j cannot build it: " + message(e), seconds(started));
        }
        chain = model instanceof MultiLayerNetwork;
        NetworkGraph network;
        double readSeconds;
        try {
            long reading = System.nanoTime();
            network = Dl4jGraphs.read(model, specimen.inputType());
            readSeconds = seconds(reading);
        } catch (RuntimeException e) {
            e.printStackTrace();
            return ModelReport.failed(
                    specimen, model.getClass().getSimpleName(), "cannot be read: " + message(e), seconds(started));
        }
        expected = activations(model);
        try {
            requireFinite(expected);
        } catch (IllegalStateException e) {
            return ModelReport.failed(
                    specimen, model.getClass().getSimpleName(), "untrained: " + message(e), seconds(started));
        }
        fittable = fits(model);
        release(model);
        List<StructuralAction> actions = Actions.neurons().generate(network).toList();
        for (StructuralAction action : actions) {
            attempt(network, action);
            if (tried % COLLECT_GARBAGE_EVERY == 0) {
                System.gc();
                System.err.printf(
                        "%s: %d of %d actions, %d failed, %.0f s%n",
                        specimen.name(), tried, actions.size(), failures.size(), seconds(started));
            }
        }
        Map<String, List<String>> frozen = new TreeMap<>();
        network.spaces().stream()
                .filter(space -> !space.resizable())
                .forEach(space -> frozen.computeIfAbsent(space.frozen().orElseThrow(), key -> new ArrayList<>())
                        .add(space.name()));
        int count = Math.max(1, tried);
        return new ModelReport(
                specimen.name(),
                model.getClass().getSimpleName(),
                specimen.batch(),
                "",
                note,
                network.parameterCount(),
                resizableParameters(network),
                (int) network.spaces().stream().filter(UnitSpace::resizable).count(),
                frozen,
                tried,
                tried - failures.size(),
                preserving,
                worstDeviation,
                fitted,
                failures,
                readSeconds,
                applyNanos / 1e9 / count,
                rebuildNanos / 1e9 / count,
                forwardNanos / 1e9 / count,
                mebibytes,
                seconds(started));
    }

    private void attempt(NetworkGraph network, StructuralAction action) {
        Model model = null;
        try {
            long start = System.nanoTime();
            NetworkGraph resized = action.apply(network, PROJECTION);
            long applied = System.nanoTime();
            model = chain ? Dl4jGraphs.toMultiLayerNetwork(resized) : Dl4jGraphs.toComputationGraph(resized);
            rebuildNanos += System.nanoTime() - applied;
            applyNanos += applied - start;
            check(model, action.preservesFunction(network, PROJECTION));
            if (fittable && tried % fitEvery == 0) {
                fit(model, data);
                fitted++;
            }
        } catch (RuntimeException | AssertionError e) {
            failures.add(action + ": " + message(e));
            System.err.println(specimen.name() + ": " + action);
            e.printStackTrace();
        } finally {
            tried++;
            if (model != null) {
                release(model);
            }
        }
    }

    private void check(Model model, boolean preserves) {
        long start = System.nanoTime();
        Map<String, float[]> found = activations(model);
        forwardNanos += System.nanoTime() - start;
        mebibytes = Math.max(mebibytes, Pointer.physicalBytes() >> 20);
        if (!found.keySet().equals(expected.keySet())) {
            throw new IllegalStateException("The vertices are " + found.keySet() + ".");
        }
        requireFinite(found);
        if (preserves) {
            preserving++;
            found.forEach((name, values) -> {
                float[] before = expected.get(name);
                // The resized layers themselves have other widths.
                if (values.length == before.length) {
                    double deviation = deviation(before, values);
                    worstDeviation = Math.max(worstDeviation, deviation);
                    if (!(deviation <= TOLERANCE)) {
                        throw new IllegalStateException(
                                "The activations of '" + name + "' deviate by " + deviation + ".");
                    }
                }
            });
        }
    }

    private static void requireFinite(Map<String, float[]> activations) {
        activations.forEach((name, values) -> {
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new IllegalStateException("'" + name + "' gives " + value + ".");
                }
            }
        });
    }

    /** The largest difference, relative to the largest value. */
    private static double deviation(float[] before, float[] after) {
        double difference = 0;
        double largest = Float.MIN_NORMAL;
        for (int i = 0; i < before.length; i++) {
            difference = Math.max(difference, Math.abs((double) after[i] - before[i]));
            largest = Math.max(largest, Math.abs(before[i]));
        }
        return difference / largest;
    }

    /** Runs the batch through the model and gives what every vertex computes, outputs included. */
    private Map<String, float[]> activations(Model model) {
        Map<String, float[]> result = new LinkedHashMap<>();
        if (model instanceof ComputationGraph graph) {
            graph.feedForward(new INDArray[] {data.getFeatures()}, false)
                    .forEach((name, values) ->
                            result.put(name, values.dup('c').data().asFloat()));
        } else {
            List<INDArray> activations = ((MultiLayerNetwork) model).feedForward(data.getFeatures(), false);
            for (int i = 0; i < activations.size(); i++) {
                result.put(
                        Integer.toString(i), activations.get(i).dup('c').data().asFloat());
            }
        }
        return result;
    }

    /** Tells whether the original itself can be trained; changes it. */
    private boolean fits(Model model) {
        try {
            fit(model, data);
            return true;
        } catch (RuntimeException e) {
            note = "Deeplearning4j cannot train it: " + message(e);
            return false;
        }
    }

    private static void fit(Model model, DataSet data) {
        if (model instanceof ComputationGraph graph) {
            graph.fit(data);
        } else {
            ((MultiLayerNetwork) model).fit(data);
        }
        if (!Double.isFinite(model.score())) {
            throw new IllegalStateException("The score after a step is " + model.score() + ".");
        }
    }

    private static long resizableParameters(NetworkGraph network) {
        long count = 0;
        for (Vertex vertex : network.vertices()) {
            for (Map.Entry<String, List<Axis>> entry :
                    network.axes(vertex.name()).entrySet()) {
                boolean resizable = entry.getValue().stream()
                        .flatMap(axis -> axis.layout().blocks().stream())
                        .anyMatch(block -> network.space(block).resizable());
                if (resizable) {
                    count += vertex.parameters().get(entry.getKey()).value().length();
                }
            }
        }
        return count;
    }

    /** Frees the large arrays of a model at once. */
    private static void release(Model model) {
        Updater updater = model instanceof ComputationGraph graph
                ? graph.getUpdater(false)
                : ((MultiLayerNetwork) model).getUpdater(false);
        INDArray[] arrays = {
            model.params(), model.getGradientsViewArray(), updater == null ? null : updater.getStateViewArray()
        };
        Arrays.stream(arrays)
                .filter(array -> array != null && array.closeable())
                .forEach(INDArray::close);
    }

    private static String message(Throwable e) {
        String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return e.getClass().getSimpleName() + ": " + text.lines().findFirst().orElse("");
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
