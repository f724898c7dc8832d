package org.growingnn.dl4j.training;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.samediff.SameDiffOutputLayer;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.Position;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Fits, measures and releases live models. */
public final class Models {

    private static final int LATENCY_PASSES = 9;
    private static final long LATENCY_NANOS = Duration.ofMillis(50).toNanos();

    private Models() {}

    /**
     * What passing over data told about a model.
     *
     * @param accuracy share of correct predictions, the mean over several outputs
     * @param loss mean loss per example, without penalties on weights; NaN if not asked for
     * @param examples number of examples
     * @param batches number of batches
     */
    public record Quality(double accuracy, double loss, long examples, int batches) {}

    /**
     * Builds a model to train and throw away. It keeps what convolutions unfold in the forward pass for the backward pass,
     * which changes no number and saves a fifth to a third of the time.
     */
    public static ComputationGraph build(NetworkGraph network) {
        ComputationGraph model = ModelWriter.toComputationGraph(network);
        model.getConfiguration().setCacheMode(CacheMode.DEVICE);
        model.setCacheMode(CacheMode.DEVICE);
        return model;
    }

    /** Passes over data without training. */
    public static Quality measure(ComputationGraph model, TrainingData data, boolean withLoss) {
        int outputs = model.getNumOutputArrays();
        List<Evaluation> evaluations = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            evaluations.add(new Evaluation());
        }
        double loss = 0;
        long examples = 0;
        int batches = 0;
        for (MultiDataSet batch : data) {
            INDArray[] predictions = model.output(
                    false, batch.getFeatures(), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
            for (int i = 0; i < outputs; i++) {
                INDArray mask = batch.getLabelsMaskArrays() == null ? null : batch.getLabelsMaskArray(i);
                evaluations.get(i).eval(batch.getLabels(i), predictions[i], mask);
            }
            long size = batch.getFeatures(0).size(0);
            if (withLoss) {
                loss += (model.score(batch, false) - penalty(model, size)) * size;
            }
            examples += size;
            batches++;
        }
        if (examples == 0) {
            return new Quality(Double.NaN, Double.NaN, 0, 0);
        }
        double accuracy =
                evaluations.stream().mapToDouble(Evaluation::accuracy).average().orElse(Double.NaN);
        return new Quality(accuracy, withLoss ? loss / examples : Double.NaN, examples, batches);
    }

    /**
     * Tells how much penalties on weights add to a batch's score. Smaller networks have smaller ones, which says nothing of how well
     * they fit the data.
     */
    private static double penalty(ComputationGraph model, long size) {
        double penalty = model.calcRegularizationScore(true);
        // Layers of SameDiff divide it by the number of examples, together with the loss.
        return model.getOutputLayer(0) instanceof SameDiffOutputLayer ? penalty / size : penalty;
    }

    /**
     * Trains with DL4J's own fit.
     *
     * @param data endless batches
     * @param batches number of batches that count as an epoch
     * @return mean loss over the last epoch; NaN if training diverged
     */
    public static double fit(
            ComputationGraph model,
            Iterator<MultiDataSet> data,
            int batches,
            int epochs,
            LearningRates rates,
            LearningRateSchedule schedule) {
        double loss = Double.NaN;
        int step = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            loss = 0;
            for (int batch = 0; batch < batches; batch++) {
                rates.scale(schedule.factor((step++ + 0.5) / (batches * epochs)));
                model.fit(data.next());
                loss += model.score() / batches;
            }
            model.incrementEpochCount();
        }
        return loss;
    }

    /**
     * Measures how long a forward pass takes, after a first one that warms up.
     *
     * @return the median of up to nine passes, of fewer when they take long
     */
    public static Duration latency(ComputationGraph model, MultiDataSet batch) {
        List<Long> passes = new ArrayList<>();
        long began = System.nanoTime();
        for (int pass = 0; pass <= LATENCY_PASSES; pass++) {
            long start = System.nanoTime();
            model.output(false, batch.getFeatures(), batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
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

    /** Passes over data again and again. */
    public static Iterator<MultiDataSet> endless(TrainingData data) {
        return data.stream(Position.START);
    }

    /** Frees the large arrays of a model that nobody uses any more, without waiting for the garbage collector. */
    public static void release(ComputationGraph model) {
        close(model.params());
        close(model.getGradientsViewArray());
        Updater updater = model.getUpdater(false);
        if (updater != null) {
            close(updater.getStateViewArray());
        }
    }

    private static void close(INDArray array) {
        if (array != null && array.closeable()) {
            array.close();
        }
    }

    /** Runs with one BLAS thread, which is what parallel workers need, and restores the setting afterwards. */
    public static <T> T withSingleBlasThread(java.util.function.Supplier<T> work) {
        int before = Nd4j.factory().blas().getMaxThreads();
        Nd4j.factory().blas().setMaxThreads(1);
        try {
            return work.get();
        } finally {
            if (before > 0) {
                Nd4j.factory().blas().setMaxThreads(before);
            }
        }
    }
}
