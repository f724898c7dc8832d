package org.growingnn.dl4j.run;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Passes on what training tells, with iterations that never go back. The counters of a model do where a generation is taken back,
 * or where the best model so far is trained at the end; charts over iterations would then draw loops.
 */
final class StepNumbers implements TrainingListener {

    private final List<TrainingListener> listeners;
    private int next;
    private int offset;

    StepNumbers(List<TrainingListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    /**
     * Is to be called before a model trains.
     *
     * @param iteration the model's own counter
     * @return what to attach to it: nothing if nobody listens, which saves Deeplearning4j some work
     */
    List<TrainingListener> from(int iteration) {
        offset = Math.max(0, next - iteration);
        return listeners.isEmpty() ? List.of() : List.of(this);
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        next = iteration + offset + 1;
        listeners.forEach(listener -> listener.iterationDone(model, iteration + offset, epoch));
    }

    @Override
    public void onEpochStart(Model model) {
        listeners.forEach(listener -> listener.onEpochStart(model));
    }

    @Override
    public void onEpochEnd(Model model) {
        listeners.forEach(listener -> listener.onEpochEnd(model));
    }

    @Override
    public void onForwardPass(Model model, List<INDArray> activations) {
        listeners.forEach(listener -> listener.onForwardPass(model, activations));
    }

    @Override
    public void onForwardPass(Model model, Map<String, INDArray> activations) {
        listeners.forEach(listener -> listener.onForwardPass(model, activations));
    }

    @Override
    public void onGradientCalculation(Model model) {
        listeners.forEach(listener -> listener.onGradientCalculation(model));
    }

    @Override
    public void onBackwardPass(Model model) {
        listeners.forEach(listener -> listener.onBackwardPass(model));
    }
}
