package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.Optional;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.Quality;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Measures models on training and validation data. */
final class Measurer {

    private final RunEnvironment environment;

    Measurer(RunEnvironment environment) {
        this.environment = environment;
    }

    /**
     * Describes a generation before it was judged.
     *
     * @param number its number
     * @param action the action that was chosen, if there was a search
     * @param evaluations candidates graded
     * @param epochs epochs trained so far
     * @param loss mean training loss of the last epoch
     * @param elapsed time that the run has been under way
     */
    record Facts(
            int number,
            Optional<StructuralAction> action,
            int evaluations,
            int epochs,
            double loss,
            Duration elapsed) {}

    /** Measures the model that others are compared with. */
    Generation measure(LiveModel model, NetworkGraph network, Facts facts) {
        return measure(model, network, facts, Optional.empty());
    }

    /** Measures a model of a network, compared with generation 0. */
    Generation measure(LiveModel model, NetworkGraph network, Facts facts, Generation initial) {
        return measure(model, network, facts, Optional.of(initial));
    }

    private Generation measure(LiveModel model, NetworkGraph network, Facts facts, Optional<Generation> initial) {
        Quality seen = quality(model, environment.trainingSample(), false);
        Quality held = quality(
                model,
                environment.data().validation(),
                environment.settings().search().score().needsLoss());
        if (!seen.metric().measured() || !held.metric().measured()) {
            return unmeasured(network, facts);
        }
        double goodness =
                held.metric().goodness(initial.map(Generation::validation).orElse(held.metric()));
        return generation(
                network,
                facts,
                facts.loss,
                seen.metric(),
                held.metric(),
                seen.metric().goodness(initial.map(Generation::training).orElse(seen.metric())),
                goodness,
                score(network, goodness, held.loss()));
    }

    /**
     * Insists that the metric can be measured wherever the run will measure it.
     *
     * @throws IllegalArgumentException if the model's predictions are no numbers or the metric is undefined, with the data's name
     */
    void requireMeasured(LiveModel model, Generation initial) {
        if (!initial.validation().measured()) {
            requireMeasured("training data", quality(model, environment.trainingSample(), false));
            requireMeasured("validation data", quality(model, environment.data().validation(), false));
        }
        requireMeasured(
                "simulation set", quality(model, environment.simulationSet().grading(), false));
    }

    private void requireMeasured(String data, Quality quality) {
        if (!quality.finite()) {
            throw new IllegalArgumentException("The model's predictions on the " + data
                    + " are no numbers, although its loss is.\n"
                    + "Maybe its parameters or the data are too large?");
        }
        if (!quality.metric().measured()) {
            throw new IllegalArgumentException(
                    "The metric (" + environment.metric().name()
                            + ") is undefined on the " + data + " of " + quality.examples()
                            + " examples: it holds no example of a class, or labels that are all equal.\n"
                            + "Maybe use more examples, or another metric(...)?");
        }
    }

    private Quality quality(LiveModel model, Iterable<MultiDataSet> data, boolean withLoss) {
        return model.measure(data, environment.metric(), withLoss, false, environment.cancellation());
    }

    /** Describes a generation whose model could not be measured. */
    Generation unmeasured(NetworkGraph network, Facts facts) {
        return generation(network, facts, Double.NaN, Reading.NONE, Reading.NONE, 0, 0, 0);
    }

    private Generation generation(
            NetworkGraph network,
            Facts facts,
            double loss,
            Reading seen,
            Reading held,
            double seenGoodness,
            double goodness,
            double score) {
        long initialParameters = environment.initial().parameterCount();
        return new Generation(
                facts.number,
                facts.action,
                Optional.empty(),
                seen,
                held,
                seenGoodness,
                goodness,
                loss,
                costs(network),
                1 - (double) network.parameterCount() / initialParameters,
                score,
                facts.epochs,
                facts.evaluations,
                facts.elapsed);
    }

    private double score(NetworkGraph network, double goodness, double loss) {
        return environment
                .settings()
                .search()
                .score()
                .grade(new Measurement(goodness, loss, costs(network), costs(environment.initial())));
    }

    private Costs costs(NetworkGraph network) {
        return Costs.of(network, environment.settings().costs());
    }

    /** Describes an accepted model for the archive. */
    ParetoArchive.Entry entry(LiveModel model, NetworkGraph network, Generation generation) {
        return new ParetoArchive.Entry(
                network,
                generation.validation(),
                generation.goodness(),
                generation.parameters(),
                generation.macs(),
                model.latency(environment.latencyBatch()),
                generation.number());
    }
}
