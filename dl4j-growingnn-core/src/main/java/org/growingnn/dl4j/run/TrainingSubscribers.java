package org.growingnn.dl4j.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Deeplearning4j's listeners about training. One that throws is told nothing more: its exception would look like a model that cannot
 * be trained, whose change is taken back.
 *
 * <p>Iterations never go back. The counters of a model do where a generation is taken back, or where the best model so far is trained at the
 * end; charts over iterations would then draw loops.
 */
final class TrainingSubscribers implements TrainingListener {

    private static final Logger log = LoggerFactory.getLogger(TrainingSubscribers.class);

    private final List<TrainingListener> listeners;
    private int next;
    private int offset;

    TrainingSubscribers(List<TrainingListener> listeners) {
        this.listeners = new ArrayList<>(listeners);
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

    private void tell(Consumer<TrainingListener> news) {
        for (TrainingListener listener : List.copyOf(listeners)) {
            try {
                news.accept(listener);
            } catch (Throwable e) {
                listeners.remove(listener);
                log.warn(
                        "The training listener {} threw an exception and will not be told anything more; the run goes on",
                        listener,
                        e);
            }
        }
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        next = iteration + offset + 1;
        tell(listener -> listener.iterationDone(model, iteration + offset, epoch));
    }

    @Override
    public void onEpochStart(Model model) {
        tell(listener -> listener.onEpochStart(model));
    }

    @Override
    public void onEpochEnd(Model model) {
        tell(listener -> listener.onEpochEnd(model));
    }

    @Override
    public void onForwardPass(Model model, List<INDArray> activations) {
        tell(listener -> listener.onForwardPass(model, activations));
    }

    @Override
    public void onForwardPass(Model model, Map<String, INDArray> activations) {
        tell(listener -> listener.onForwardPass(model, activations));
    }

    @Override
    public void onGradientCalculation(Model model) {
        tell(listener -> listener.onGradientCalculation(model));
    }

    @Override
    public void onBackwardPass(Model model) {
        tell(listener -> listener.onBackwardPass(model));
    }
}
