package org.growingnn.dl4j.training;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Evaluator;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Builds a candidate, trains it briefly with DL4J's fit on a simulation set, grades it and frees it. Safe for several threads:
 * each evaluation has a model of its own, and DL4J's random generator is the thread's own.
 */
public final class CandidateEvaluator implements Evaluator {

    /** ND4J keeps temporary arrays until Java collects garbage, which a roomy heap puts off for long. */
    private static final int EVALUATIONS_PER_COLLECTION = 100;

    private final List<MultiDataSet> training;
    private final List<MultiDataSet> grading;
    private final SimulationSettings settings;
    private final Score score;
    private final long initialParameters;
    private final OptionalLong initialMacs;
    private final OptionalDouble learningRate;
    private final AtomicInteger evaluations = new AtomicInteger();

    /**
     * Draws the simulation set.
     *
     * @param data training data
     * @param settings size of the set and length of the training
     * @param score grades candidates
     * @param initial the network that the run started from
     * @param learningRate replaces the model's largest learning rate, if present
     * @param seed decides which examples are drawn
     * @throws IllegalArgumentException if the data leaves nothing to train on or nothing to grade on
     */
    public CandidateEvaluator(
            TrainingData data,
            SimulationSettings settings,
            Score score,
            NetworkGraph initial,
            OptionalDouble learningRate,
            long seed) {
        this.settings = settings;
        this.score = score;
        this.initialParameters = initial.parameterCount();
        this.initialMacs = macs(initial);
        this.learningRate = learningRate;
        List<MultiDataSet> drawn = Examples.sample(data, settings.samples(), settings.batchSize(), seed);
        if (settings.gradingShare() > 0) {
            Examples.Split split = Examples.split(TrainingData.of(drawn), settings.gradingShare(), seed);
            this.training = Examples.batches(split.kept(), settings.batchSize());
            this.grading = split.heldOut();
        } else {
            this.training = drawn;
            this.grading = drawn;
        }
        if (training.isEmpty() || grading.isEmpty()) {
            throw new IllegalArgumentException("The simulation (" + settings
                    + ") leaves nothing to train on or nothing to grade on: the training data is too small for it.\n"
                    + "Maybe use more samples, or a gradingShare of 0?");
        }
    }

    static OptionalLong macs(NetworkGraph graph) {
        return graph.macsKnown() ? OptionalLong.of(graph.macs()) : OptionalLong.empty();
    }

    @Override
    public Evaluation evaluate(NetworkGraph candidate, long seed) {
        ComputationGraph model = Models.build(candidate);
        try {
            Nd4j.getRandom().setSeed(seed);
            double loss = 0;
            if (settings.epochs() > 0) {
                loss = Models.fit(
                        model,
                        Models.endless(TrainingData.of(training)),
                        training.size(),
                        settings.epochs(),
                        new LearningRates(model, learningRate),
                        LearningRateSchedule.constant());
            }
            // A candidate that diverges is worth nothing; that is a result, not a failure.
            if (!Double.isFinite(loss)) {
                return new Evaluation(0, candidate);
            }
            Models.Quality quality = Models.measure(model, TrainingData.of(grading), score.needsLoss());
            double grade = score.grade(new Measurement(
                    quality.accuracy(),
                    quality.loss(),
                    candidate.parameterCount(),
                    initialParameters,
                    macs(candidate),
                    initialMacs));
            return new Evaluation(grade, ModelReader.update(candidate, model));
        } finally {
            Models.release(model);
            if (evaluations.incrementAndGet() % EVALUATIONS_PER_COLLECTION == 0) {
                System.gc();
            }
        }
    }
}
