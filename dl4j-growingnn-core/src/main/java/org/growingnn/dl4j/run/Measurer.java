package org.growingnn.dl4j.run;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.Quality;

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

    /** Measures a model of a network. */
    Generation measure(LiveModel model, NetworkGraph network, Facts facts) {
        Quality seen = model.measure(environment.trainingSample(), false, environment.cancellation());
        Quality held = model.measure(
                environment.data().validation(),
                environment.settings().search().score().needsLoss(),
                environment.cancellation());
        boolean finite = seen.finite() && held.finite();
        return generation(
                network,
                facts,
                finite ? facts.loss : Double.NaN,
                finite ? seen.accuracy() : 0,
                finite ? held.accuracy() : 0,
                finite ? score(network, held) : 0);
    }

    /** Describes a generation whose model could not be measured. */
    Generation unmeasured(NetworkGraph network, Facts facts) {
        return generation(network, facts, Double.NaN, 0, 0, 0);
    }

    private Generation generation(
            NetworkGraph network, Facts facts, double loss, double seen, double held, double score) {
        long initialParameters = environment.initial().parameterCount();
        return new Generation(
                facts.number,
                facts.action,
                Optional.empty(),
                seen,
                held,
                loss,
                network.parameterCount(),
                1 - (double) network.parameterCount() / initialParameters,
                CandidateEvaluator.macs(network),
                score,
                facts.epochs,
                facts.evaluations,
                facts.elapsed);
    }

    private double score(NetworkGraph network, Quality held) {
        NetworkGraph initial = environment.initial();
        OptionalLong macs = CandidateEvaluator.macs(network);
        return environment
                .settings()
                .search()
                .score()
                .grade(new Measurement(
                        held.accuracy(),
                        held.loss(),
                        network.parameterCount(),
                        initial.parameterCount(),
                        macs,
                        CandidateEvaluator.macs(initial)));
    }

    /** Describes an accepted model for the archive. */
    ParetoArchive.Entry entry(LiveModel model, NetworkGraph network, Generation generation) {
        return new ParetoArchive.Entry(
                network,
                generation.validationAccuracy(),
                generation.parameters(),
                generation.macs(),
                model.latency(environment.latencyBatch()),
                generation.number());
    }
}
