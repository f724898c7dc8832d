package org.growingnn.dl4j.training;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Parameter;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Pass;
import org.growingnn.dl4j.search.Cancellation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * A Deeplearning4j model of a network, built to be trained, measured and thrown away. Closing it frees its large native arrays at
 * once. Used by one thread.
 */
public final class LiveModel implements AutoCloseable {

    private static final int LATENCY_PASSES = 9;
    private static final long LATENCY_NANOS = Duration.ofMillis(50).toNanos();

    /**
     * State below this moves no weight of single precision, but processors take many times as long for numbers below 10⁻³⁸, to which the
     * state of dead units decays. The distance between the two keeps it from getting there soon again.
     */
    private static final double NEGLIGIBLE = 1e-30;

    private final NetworkGraph network;
    private final ComputationGraph model;

    private LiveModel(NetworkGraph network, ComputationGraph model) {
        this.network = network;
        this.model = model;
    }

    /**
     * Builds a model. It keeps what convolutions unfold in the forward pass for the backward pass, which changes no number and
     * saves a fifth to a third of the time. Optimiser state below 10⁻³⁰ is taken as zero.
     *
     * @param network the network; not modified
     * @return the model
     */
    public static LiveModel of(NetworkGraph network) {
        ComputationGraph model = ModelWriter.toComputationGraph(Objects.requireNonNull(network, "network"));
        model.getConfiguration().setCacheMode(CacheMode.DEVICE);
        model.setCacheMode(CacheMode.DEVICE);
        LeanLayers.install(model);
        dropNegligibleState(model);
        return new LiveModel(network, model);
    }

    private static void dropNegligibleState(ComputationGraph model) {
        ComputationGraphUpdater updater = model.getUpdater(false);
        INDArray state = updater == null ? null : updater.getStateViewArray();
        if (state != null && state.dataType() == DataType.FLOAT) {
            BooleanIndexing.replaceWhere(state, 0, Conditions.absLessThan(NEGLIGIBLE));
        }
    }

    /**
     * Builds a model without the optimiser's state, which is up to three times as large as the parameters, and which only training needs.
     *
     * @param network the network; not modified
     * @return the model
     */
    static LiveModel untrained(NetworkGraph network) {
        Map<String, Map<String, Parameter>> stateless = new LinkedHashMap<>();
        for (Vertex vertex : network.vertices()) {
            Map<String, Parameter> parameters = new LinkedHashMap<>(vertex.parameters());
            parameters.replaceAll((key, parameter) -> new Parameter(parameter.value(), List.of()));
            stateless.put(vertex.name(), parameters);
        }
        return of(network.withParameters(stateless));
    }

    /**
     * Gives the model itself.
     *
     * @return the model; unusable once this is closed
     */
    public ComputationGraph model() {
        return model;
    }

    /**
     * Trains with DL4J's own fit. Listeners of the model are told what they are told by a fit over iterators.
     *
     * @param data gives batches without end
     * @param batches number of batches that count as an epoch, ≥ 1
     * @param epochs number of epochs, ≥ 0
     * @param rates the model's learning rates
     * @param schedule how they change over all epochs
     * @param cancellation looked at before every step
     * @return mean loss over the last epoch; NaN if there was none, or as soon as training diverged
     * @throws org.growingnn.dl4j.search.CancelledException if asked to end
     * @throws ModelFailure if Deeplearning4j cannot train the model
     * @throws IllegalArgumentException if the schedule gives no factor
     */
    public double fit(
            Supplier<MultiDataSet> data,
            int batches,
            int epochs,
            LearningRates rates,
            LearningRateSchedule schedule,
            Cancellation cancellation) {
        double loss = Double.NaN;
        int step = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            loss = 0;
            for (TrainingListener listener : model.getListeners()) {
                listener.onEpochStart(model);
            }
            for (int batch = 0; batch < batches; batch++) {
                cancellation.check();
                rates.scale(schedule.checkedFactor((step++ + 0.5) / ((double) batches * epochs)));
                MultiDataSet examples = data.get();
                try {
                    model.fit(examples);
                } catch (RuntimeException | OutOfMemoryError e) {
                    throw new ModelFailure("Deeplearning4j cannot train it: " + e.getMessage(), e);
                }
                loss += model.score() / batches;
                // Steps from a point that is no number lead nowhere.
                if (!Double.isFinite(loss)) {
                    return Double.NaN;
                }
            }
            for (TrainingListener listener : model.getListeners()) {
                listener.onEpochEnd(model);
            }
            model.incrementEpochCount();
        }
        return loss;
    }

    /**
     * Passes over data without training.
     *
     * @param data the data
     * @param metric what to measure
     * @param withLoss whether to compute the loss even if the metric does not need it, which costs another forward pass
     * @param errors whether to estimate the standard error of the metric
     * @param cancellation looked at before every batch
     * @return what it told
     * @throws ModelFailure if Deeplearning4j cannot run the model
     * @throws org.growingnn.dl4j.search.CancelledException if asked to end
     */
    public Quality measure(
            Iterable<MultiDataSet> data, Metric metric, boolean withLoss, boolean errors, Cancellation cancellation) {
        QualityMeter meter = new QualityMeter(new Pass(network, model, data, errors), metric, withLoss);
        for (MultiDataSet batch : data) {
            cancellation.check();
            try {
                meter.add(batch);
            } catch (RuntimeException | OutOfMemoryError e) {
                throw new ModelFailure("Deeplearning4j cannot run it: " + e.getMessage(), e);
            }
        }
        return meter.quality();
    }

    /**
     * Computes the loss of one batch with its penalties, as training would see it without dropout.
     *
     * @param batch labelled examples
     * @return the loss
     */
    public double loss(MultiDataSet batch) {
        return model.score(batch, false);
    }

    /**
     * Measures how long a forward pass takes, after a first one that warms up.
     *
     * @param batch examples
     * @return the median of up to nine passes, of fewer when they take long
     */
    public Duration latency(MultiDataSet batch) {
        List<Long> passes = new ArrayList<>();
        long began = System.nanoTime();
        for (int pass = 0; pass <= LATENCY_PASSES; pass++) {
            long start = System.nanoTime();
            output(model, batch);
            long end = System.nanoTime();
            if (pass > 0) {
                passes.add(end - start);
                if (end - began > LATENCY_NANOS) {
                    break;
                }
            }
        }
        passes.sort(null);
        return Duration.ofNanos(passes.get(passes.size() / 2));
    }

    /**
     * Computes a model's outputs. DL4J shapes time series by the number of examples that were last scored or trained on, unless it
     * forgets them first.
     *
     * @param model a model
     * @param batch examples
     * @return one array per output
     */
    public static INDArray[] output(ComputationGraph model, MultiDataSet batch) {
        model.setLabels((INDArray[]) null);
        return model.output(false, batch.getFeatures(), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
    }

    /**
     * Reads what training has changed, which makes calibration stale.
     *
     * @return the network with the model's parameters, optimiser state and counters, without calibration
     */
    public NetworkGraph trained() {
        return ModelReader.update(network, model).with(Optional.empty());
    }

    /**
     * Reads what training has changed and keeps the calibration of the network, for short trainings behind which it still tells
     * proportions.
     *
     * @return the network with the model's parameters, optimiser state and counters
     */
    public NetworkGraph brieflyTrained() {
        return ModelReader.update(network, model);
    }

    /** Frees the large arrays without waiting for the garbage collector. */
    @Override
    public void close() {
        release(model);
    }

    /**
     * Frees the large arrays of a model that nobody uses any more, without waiting for the garbage collector, and has it collect the small
     * ones if there are too many by now.
     *
     * @param model the model; unusable afterwards
     */
    public static void release(ComputationGraph model) {
        ModelWriter.release(model);
        NativeMemory.relieve();
    }
}
