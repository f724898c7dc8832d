package org.growingnn.dl4j.training;

import java.util.Objects;
import java.util.OptionalDouble;
import org.growingnn.dl4j.data.Position;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Evaluation;
import org.growingnn.dl4j.search.Evaluator;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;

/**
 * Grades candidates by training them briefly on a fixed sample of the training data, the simulation set. A grade is a function of
 * the candidate and the seed alone.
 *
 * <p>The sample is drawn from what the base model was trained on, unless held-out examples are given to grade on: grades on seen
 * examples compare candidates, but are too good in themselves.
 */
public final class CandidateEvaluator implements Evaluator {

    private final Definition definition;
    private final boolean keepsTrained;

    /**
     * Draws the simulation set from training data.
     *
     * @param data training data
     * @param settings size of the set and length of the training
     * @param score grades candidates
     * @param initial the network that the run started from
     * @param learningRate replaces the model's largest learning rate, if present
     * @param metric what candidates are judged by
     * @param reference what the metric told of the initial network
     * @param seed decides which examples are drawn
     * @throws IllegalArgumentException if the data leaves nothing to train on or nothing to grade on
     */
    public CandidateEvaluator(
            TrainingData data,
            SimulationSettings settings,
            Score score,
            NetworkGraph initial,
            OptionalDouble learningRate,
            Metric metric,
            Reading reference,
            long seed) {
        this(SimulationSet.draw(data, settings, seed), settings, score, initial, learningRate, metric, reference);
    }

    /**
     * Takes a simulation set.
     *
     * @param set what to train candidates on and what to grade them on
     * @param settings length of the training
     * @param score grades candidates
     * @param initial the network that the run started from
     * @param learningRate replaces the model's largest learning rate, if present
     * @param metric what candidates are judged by
     * @param reference what the metric told of the initial network
     */
    public CandidateEvaluator(
            SimulationSet set,
            SimulationSettings settings,
            Score score,
            NetworkGraph initial,
            OptionalDouble learningRate,
            Metric metric,
            Reading reference) {
        this(new Definition(
                set,
                settings,
                score,
                Costs.of(initial, score.costs()),
                learningRate,
                metric,
                reference,
                LearningRateSchedule.constant()));
    }

    CandidateEvaluator(Definition definition) {
        this(definition, true);
    }

    CandidateEvaluator(Definition definition, boolean keepsTrained) {
        this.definition = definition;
        this.keepsTrained = keepsTrained;
    }

    /** All that grades depend on besides the candidate and the seed. */
    record Definition(
            SimulationSet set,
            SimulationSettings settings,
            Score score,
            Costs initialCosts,
            OptionalDouble learningRate,
            Metric metric,
            Reading reference,
            LearningRateSchedule schedule) {

        Definition {
            Objects.requireNonNull(set, "set");
            Objects.requireNonNull(settings, "settings");
            Objects.requireNonNull(score, "score");
            Objects.requireNonNull(initialCosts, "initialCosts");
            Objects.requireNonNull(learningRate, "learningRate");
            Objects.requireNonNull(metric, "metric");
            Objects.requireNonNull(reference, "reference");
            Objects.requireNonNull(schedule, "schedule");
        }

        Definition with(LearningRateSchedule factors) {
            return new Definition(set, settings, score, initialCosts, learningRate, metric, reference, factors);
        }

        /** One batch to train on, once. */
        Definition brief() {
            SimulationSet less = new SimulationSet(set.training().subList(0, 1), set.grading(), set.unseen());
            SimulationSettings once = new SimulationSettings(
                    settings.samples(), settings.gradingShare(), Math.min(1, settings.epochs()), settings.batchSize());
            return new Definition(less, once, score, initialCosts, learningRate, metric, reference, schedule);
        }
    }

    Definition definition() {
        return definition;
    }

    /** Tells whether grades have the trained candidate. */
    boolean keepsTrained() {
        return keepsTrained;
    }

    /**
     * Trains candidates at other learning rates.
     *
     * @param factors factors of the learning rates; 1 throughout unless something else is said
     * @return an evaluator that does so
     */
    public CandidateEvaluator withSchedule(LearningRateSchedule factors) {
        return new CandidateEvaluator(definition.with(factors), keepsTrained);
    }

    @Override
    public CandidateEvaluator gradesOnly() {
        return new CandidateEvaluator(definition, false);
    }

    @Override
    public Evaluation evaluate(NetworkGraph candidate, long seed, Cancellation cancellation) {
        Evaluation evaluation = trainedAndGraded(candidate, seed, cancellation);
        return keepsTrained || !(evaluation instanceof Grade grade)
                ? evaluation
                : new Grade(grade.score(), grade.standardError(), candidate);
    }

    private Evaluation trainedAndGraded(NetworkGraph candidate, long seed, Cancellation cancellation) {
        try (LiveModel model = LiveModel.of(candidate)) {
            RandomState.seed(seed);
            if (definition.settings.epochs() == 0) {
                return graded(candidate, model, cancellation);
            }
            Evaluation before = definition.set.unseen()
                    ? graded(candidate, model, cancellation)
                    : new Failure("It was not graded.");
            double loss = model.fit(
                    TrainingData.of(definition.set.training()).stream(Position.START)::next,
                    definition.set.training().size(),
                    definition.settings.epochs(),
                    new LearningRates(model.model(), definition.learningRate),
                    definition.schedule,
                    cancellation);
            // One that diverges here would do so in the run's own training.
            if (!Double.isFinite(loss)) {
                return new Failure("Its training diverged.");
            }
            Evaluation after = graded(model.brieflyTrained(), model, cancellation);
            // Whoever goes on with the candidate goes on with its training.
            return before instanceof Grade first && after instanceof Grade second && first.score() > second.score()
                    ? new Grade(first.score(), first.standardError(), second.trained())
                    : after;
        }
    }

    private Evaluation graded(NetworkGraph network, LiveModel model, Cancellation cancellation) {
        Quality quality = model.measure(
                definition.set.grading(), definition.metric, definition.score.needsLoss(), true, cancellation);
        if (!quality.finite()) {
            return new Failure("Its predictions are no numbers.");
        }
        if (!quality.metric().measured()) {
            return new Failure("Its " + definition.metric.name() + " cannot be measured on the simulation set.");
        }
        return new Grade(
                grade(network, quality.metric().goodness(definition.reference), quality.loss()),
                standardError(network, quality),
                network);
    }

    /** Grades on the same examples as an evaluation: what the projection destroyed and what it saved, in one number. */
    @Override
    public OptionalDouble preview(NetworkGraph candidate, Cancellation cancellation) {
        try (LiveModel model = LiveModel.of(candidate)) {
            return graded(candidate, model, cancellation) instanceof Grade grade
                    ? OptionalDouble.of(grade.score())
                    : OptionalDouble.empty();
        }
    }

    private double grade(NetworkGraph candidate, double goodness, double loss) {
        return definition.score.grade(new Measurement(
                goodness, loss, Costs.of(candidate, definition.score.costs()), definition.initialCosts));
    }

    /**
     * The errors of the metric and of the mean loss, as far as they show in the grade; both come from the same examples, so that they are
     * wrong together.
     */
    private double standardError(NetworkGraph candidate, Quality quality) {
        double error = Math.min(0.5, quality.metric().goodnessError(definition.reference));
        double middle = Math.max(error, Math.min(1 - error, quality.metric().goodness(definition.reference)));
        double high = grade(candidate, Math.min(1, middle + error), quality.loss() - quality.lossError());
        double low = grade(candidate, Math.max(0, middle - error), quality.loss() + quality.lossError());
        return Math.abs(high - low) / 2;
    }
}
