package org.growingnn.dl4j.training;

import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.data.Examples;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Grade;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Builds a candidate, trains it briefly with DL4J's fit on a simulation set, grades it and frees it. Safe for several threads:
 * each evaluation has a model of its own, and DL4J's random generator is the thread's own.
 *
 * <p>A candidate that the short training made worse has the grade that it had before: a few noisy steps, above all the first ones of
 * an optimiser without state, tell nothing of a candidate that lost little. Where it lost much, or gained units, the training shows what
 * it is worth. Candidates that are graded on what they were trained on have the grade that they have afterwards, and those whose
 * training diverges have 0.
 */
public final class CandidateEvaluator implements Evaluator {

    /** ND4J keeps temporary arrays until Java collects garbage, which a roomy heap puts off for long. */
    private static final int MODELS_PER_COLLECTION = 100;

    private final List<MultiDataSet> training;
    private final List<MultiDataSet> grading;
    private final SimulationSettings settings;
    private final Score score;
    private final long initialParameters;
    private final OptionalLong initialMacs;
    private final OptionalDouble learningRate;
    private final AtomicInteger released = new AtomicInteger();

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

    public static OptionalLong macs(NetworkGraph graph) {
        return graph.macsKnown() ? OptionalLong.of(graph.macs()) : OptionalLong.empty();
    }

    @Override
    public Grade evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
        cancellation.check();
        ComputationGraph model = Models.build(candidate);
        try {
            Nd4j.getRandom().setSeed(seed);
            if (settings.epochs() == 0) {
                return graded(candidate, model, cancellation);
            }
            Grade worthless = new Grade(0, candidate);
            Grade before = settings.gradingShare() > 0 ? graded(candidate, model, cancellation) : worthless;
            double loss = Models.fit(
                    model,
                    cancellable(Models.endless(TrainingData.of(training)), cancellation),
                    training.size(),
                    settings.epochs(),
                    new LearningRates(model, learningRate),
                    LearningRateSchedule.constant());
            // One that diverges here would do so in the run's own training; that is a result, not a failure.
            if (!Double.isFinite(loss)) {
                return worthless;
            }
            Grade after = graded(ModelReader.update(candidate, model), model, cancellation);
            // Whoever goes on with the candidate goes on with its training.
            return before.score() > after.score()
                    ? new Grade(before.score(), before.standardError(), after.trained())
                    : after;
        } finally {
            release(model);
        }
    }

    /** Asks before every batch whether to go on. */
    private static Iterator<MultiDataSet> cancellable(Iterator<MultiDataSet> batches, Cancellation cancellation) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return batches.hasNext();
            }

            @Override
            public MultiDataSet next() {
                cancellation.check();
                return batches.next();
            }
        };
    }

    private Grade graded(NetworkGraph network, ComputationGraph model, Cancellation cancellation) {
        TrainingData data = () -> cancellable(grading.iterator(), cancellation);
        Models.Quality quality = Models.measure(model, data, score.needsLoss());
        return new Grade(grade(network, quality, quality.accuracy()), standardError(network, quality), network);
    }

    /** Grades on the same examples as an evaluation: what the projection destroyed and what it saved, in one number. */
    @Override
    public OptionalDouble preview(NetworkGraph candidate) {
        ComputationGraph model = Models.build(candidate);
        try {
            return OptionalDouble.of(
                    graded(candidate, model, Cancellation.never()).score());
        } finally {
            release(model);
        }
    }

    private double grade(NetworkGraph candidate, Models.Quality quality, double accuracy) {
        return score.grade(new Measurement(
                accuracy, quality.loss(), candidate.parameterCount(), initialParameters, macs(candidate), initialMacs));
    }

    /**
     * The binomial error of the accuracy, as far as it shows in the grade. Two more examples, one of them wrong, keep it from being
     * 0 when all are right.
     */
    private double standardError(NetworkGraph candidate, Models.Quality quality) {
        double examples = quality.examples() + 2;
        double share = (quality.accuracy() * quality.examples() + 1) / examples;
        double error = Math.sqrt(share * (1 - share) / examples);
        double high = grade(candidate, quality, Math.min(1, share + error));
        double low = grade(candidate, quality, Math.max(0, share - error));
        return Math.abs(high - low) / 2;
    }

    private void release(ComputationGraph model) {
        Models.release(model);
        if (released.incrementAndGet() % MODELS_PER_COLLECTION == 0) {
            System.gc();
        }
    }
}
