package org.growingnn.dl4j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.recurrent.RnnLossLayer;
import org.deeplearning4j.nn.layers.samediff.SameDiffOutputLayer;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.metric.LabelMasks;
import org.growingnn.dl4j.metric.Meter;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Pass;
import org.growingnn.dl4j.metric.Reading;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Adds up how good a model's predictions are, batch by batch. */
final class QualityMeter {

    private final ComputationGraph model;
    private final boolean withLoss;
    private final Meter metric;
    private final List<Integer> classAxes = new ArrayList<>();
    /** DL4J's own loss of a single example of some layers is wrong or missing. */
    private boolean lossesOfExamples;

    private double loss;
    private double squaredLosses;
    private double predictions;
    private long examples;
    private boolean finite = true;

    QualityMeter(Pass pass, Metric metric, boolean withLoss) {
        this.model = pass.model();
        this.withLoss = withLoss || metric.needsLoss();
        this.metric = metric.meter(pass);
        this.lossesOfExamples = IntStream.range(0, model.getNumOutputArrays())
                .mapToObj(model::getOutputLayer)
                .noneMatch(RnnLossLayer.class::isInstance);
        for (String output : pass.network().outputs()) {
            classAxes.add(classAxis(pass.network().signal(output)));
        }
    }

    private static int classAxis(Signal output) {
        return output.format() == Signal.Format.CHANNELS_LAST ? 1 + output.extents().length : 1;
    }

    void add(MultiDataSet batch) {
        long size = batch.getFeatures(0).size(0);
        examples += size;
        INDArray[] outputs = LiveModel.output(model, batch);
        for (int i = 0; i < outputs.length; i++) {
            finite = finite && Double.isFinite(outputs[i].sumNumber().doubleValue());
        }
        if (finite) {
            metric.add(batch, outputs);
            for (int i = 0; i < outputs.length; i++) {
                predictions +=
                        predictions(batch.getLabels(i), LabelMasks.of(batch, i), classAxes.get(i)) / outputs.length;
            }
        }
        if (withLoss && finite) {
            addLoss(batch, size);
        }
    }

    private void addLoss(MultiDataSet batch, long size) {
        if (lossesOfExamples) {
            WorkspaceMode mode = model.getConfiguration().getInferenceWorkspaceMode();
            // In workspaces, DL4J loses the losses of series before they can be read.
            model.getConfiguration().setInferenceWorkspaceMode(WorkspaceMode.NONE);
            try {
                for (double example :
                        model.scoreExamples(batch, false).reshape(size).toDoubleVector()) {
                    loss += example;
                    squaredLosses += example * example;
                }
                return;
            } catch (UnsupportedOperationException e) {
                // Layers of SameDiff say so.
                lossesOfExamples = false;
            } finally {
                model.getConfiguration().setInferenceWorkspaceMode(mode);
            }
        }
        loss += (model.score(batch, false) - penalty(size)) * size;
    }

    /** The standard error of the mean loss of an example, brought to a prediction. */
    private double lossError() {
        double mean = loss / examples;
        double variance = Math.max(0, squaredLosses / examples - mean * mean) * examples / Math.max(1, examples - 1);
        return Math.sqrt(variance * examples) / predictions;
    }

    /** Counts the predictions that labels ask for: steps and positions count one by one, what a mask excludes does not count. */
    private static double predictions(INDArray labels, INDArray mask, int classAxis) {
        double classes = labels.size(classAxis);
        double all = labels.length() / classes;
        if (mask == null) {
            return all;
        }
        // A mask may speak of examples, of positions, or of each class of each position.
        return mask.sumNumber().doubleValue() * all / mask.length();
    }

    /**
     * Tells how much penalties on weights add to a batch's score. Smaller networks have smaller ones, which says nothing of how well
     * they fit the data.
     */
    private double penalty(long size) {
        double penalty = model.calcRegularizationScore(true);
        // Layers of SameDiff divide it by the number of examples, together with the loss.
        return model.getOutputLayer(0) instanceof SameDiffOutputLayer ? penalty / size : penalty;
    }

    Quality quality() {
        if (examples == 0 || !finite) {
            return new Quality(Reading.NONE, Double.NaN, 0, examples, finite);
        }
        double mean = withLoss ? loss / predictions : Double.NaN;
        double error = withLoss && lossesOfExamples ? lossError() : 0;
        return new Quality(metric.reading(mean, error), mean, error, examples, true);
    }
}
