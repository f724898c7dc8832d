package org.growingnn.dl4j.run;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one of Deeplearning4j's listeners about training; one that throws is told nothing more. Otherwise its exception would look like a
 * model that cannot be trained, whose change is taken back.
 */
final class TrainingSubscriber implements TrainingListener {

    private static final Logger log = LoggerFactory.getLogger(TrainingSubscriber.class);

    private final TrainingListener listener;
    private boolean listens = true;

    TrainingSubscriber(TrainingListener listener) {
        this.listener = listener;
    }

    private void tell(Consumer<TrainingListener> news) {
        if (!listens) {
            return;
        }
        try {
            news.accept(listener);
        } catch (Throwable e) {
            listens = false;
            log.warn(
                    "The training listener {} threw an exception and will not be told anything more; the run goes on",
                    listener,
                    e);
        }
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        tell(told -> told.iterationDone(model, iteration, epoch));
    }

    @Override
    public void onEpochStart(Model model) {
        tell(told -> told.onEpochStart(model));
    }

    @Override
    public void onEpochEnd(Model model) {
        tell(told -> told.onEpochEnd(model));
    }

    @Override
    public void onForwardPass(Model model, List<INDArray> activations) {
        tell(told -> told.onForwardPass(model, activations));
    }

    @Override
    public void onForwardPass(Model model, Map<String, INDArray> activations) {
        tell(told -> told.onForwardPass(model, activations));
    }

    @Override
    public void onGradientCalculation(Model model) {
        tell(told -> told.onGradientCalculation(model));
    }

    @Override
    public void onBackwardPass(Model model) {
        tell(told -> told.onBackwardPass(model));
    }
}
