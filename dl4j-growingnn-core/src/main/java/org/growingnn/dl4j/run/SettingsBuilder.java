package org.growingnn.dl4j.run;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.graph.LatencyTable;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.training.SimulationSettings;

/**
 * Changes {@link RunSettings} one by one. Values and their ranges are the tree's own affair; here they only have handy names.
 *
 * @param <B> the builder that the methods return
 */
public abstract class SettingsBuilder<B extends SettingsBuilder<B>> {

    /** Some twenty first additions, and as many more as make sequences of them. */
    private static final int GROWTH_EVALUATIONS = 24;

    private RunSettings settings = RunSettings.DEFAULT;

    /** Starts with the defaults. */
    protected SettingsBuilder() {}

    /**
     * Gives this builder its own class.
     *
     * @return this builder
     */
    protected abstract B self();

    private B set(String path, Object value) {
        settings = settings.with(path, value);
        return self();
    }

    /**
     * Tells the settings so far.
     *
     * @return the settings
     */
    public RunSettings settings() {
        return settings;
    }

    /**
     * Replaces all settings, for example by those of {@link RunSettings#fromJson}.
     *
     * @param settings the settings
     * @return this builder
     */
    public B settings(RunSettings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        return self();
    }

    /**
     * Chooses the share of the training data that is held out: for validation when there is no validation data, and for grading with {@link
     * #gradeOnHeldOut}. Where neither is the case, it is refused.
     *
     * @param share 0 &lt; share ≤ 0.5; 0.1 by default
     * @return this builder
     */
    public B holdOut(double share) {
        return set("data.holdOutShare", OptionalDouble.of(share));
    }

    /**
     * Chooses how many generations of search and training to run at most.
     *
     * @param count ≥ 1; 15 by default
     * @return this builder
     */
    public B generations(int count) {
        return set("generations", count);
    }

    /**
     * Chooses how long to train before the first search: for models that are not trained yet.
     *
     * @param epochs ≥ 0; 0 by default
     * @return this builder
     */
    public B initialEpochs(int epochs) {
        return set("training.initialEpochs", epochs);
    }

    /**
     * Chooses how long to train after every structural change. Whoever does so also says by {@link #fineTuneEpochs} whether to train the
     * result at the end.
     *
     * @param epochs ≥ 0; by default as many as come to 300 batches, from 1 to 5, and 1 with {@link #batchesPerEpoch}
     * @return this builder
     */
    public B epochsPerGeneration(int epochs) {
        return set("training.epochsPerGeneration", OptionalInt.of(epochs));
    }

    /**
     * Counts this many batches as an epoch instead of a whole pass over the training data: for large data sets, where a
     * fraction of a pass shows whether a change pays. Epochs go on where the previous one ended. Whoever does so also says by {@link
     * #fineTuneEpochs} whether to train the result at the end.
     *
     * @param batches ≥ 1; all by default
     * @return this builder
     */
    public B batchesPerEpoch(int batches) {
        return set("training.batchesPerEpoch", OptionalInt.of(batches));
    }

    /**
     * Chooses how much longer a generation may train while its metric is below a floor, before it is taken back.
     *
     * @param epochs ≥ 0; 1 by default
     * @return this builder
     */
    public B recoveryEpochs(int epochs) {
        return set("training.recoveryEpochs", epochs);
    }

    /**
     * Lets the original model teach: its answers are mixed into the labels in all training but that of candidates. It helps most
     * where training data is scarce. For classifiers whose outputs are class probabilities.
     *
     * @param temperature softens the answers, ≥ 1
     * @param weight share of the answers, 0 &lt; weight ≤ 1
     * @return this builder
     */
    public B distillation(double temperature, double weight) {
        return set("training.distillation", Optional.of(new Distillation(temperature, weight)));
    }

    /**
     * Chooses how long to train the result at the end, whatever ended the run. The trained model is the result only if neither its score nor
     * its metric on validation data is worse than before, and if it keeps the goal that was reached.
     *
     * @param epochs ≥ 0; by default as many as come to 2,000 batches, from 1 to 20, if something was changed and there is time left; none if
     *     {@link #epochsPerGeneration} or {@link #batchesPerEpoch} says how long to train
     * @return this builder
     */
    public B fineTuneEpochs(int epochs) {
        return set("training.fineTuneEpochs", OptionalInt.of(epochs));
    }

    /**
     * Chooses what models are judged by.
     *
     * @param metric one of {@link org.growingnn.dl4j.metric.Metrics}; by default chosen by outputs and labels, and told in the log's
     *     first line
     * @return this builder
     */
    public B metric(Metric metric) {
        return set("metric", metric);
    }

    /**
     * Never accepts a model below this training accuracy, as in the GrowingNN paper: the last good one is restored. A model that starts
     * below the floor may climb. For networks that are judged by accuracy; {@link #floor} serves all.
     *
     * @param accuracy 0 to 1; none by default
     * @return this builder
     */
    public B accuracyFloor(double accuracy) {
        return set("acceptance.accuracyFloor", accuracy);
    }

    /**
     * Never accepts a model whose metric does not reach this value on validation data: the last good one is restored. A model that starts
     * below the floor may climb.
     *
     * @param value in the metric's natural unit, at least or, where lower is better, at most; for each output if there are several; none
     *     by default
     * @return this builder
     */
    public B floor(double value) {
        return set("acceptance.floor", OptionalDouble.of(value));
    }

    /**
     * Never accepts a model whose metric on validation data is worse by more than this than the initial model's. The worst of several
     * outputs decides.
     *
     * @param drop in points for accuracy, F1, R² and other shares, as a share of the initial value for losses and errors; by default 0.015
     *     for the former and 0.05 for the latter if there is no floor, otherwise unlimited
     * @return this builder
     */
    public B maxDrop(double drop) {
        return set("acceptance.maxDrop", OptionalDouble.of(drop));
    }

    /**
     * Chooses what the GrowingNN paper does instead of the defaults: its projection, its neuron actions, tree search by UCB1 that
     * takes the most visited action, candidates graded on what they were trained on, a size term {@code 1 / (1 + 0.001 p)}, one epoch
     * at a progressive learning rate, and no limit to how far it may fall. Settings made afterwards replace its own.
     *
     * @param sizeWeight weight of the size term beside accuracy's 1; the paper grows with 0.1 and shrinks with 4
     * @return this builder
     */
    public B paper(double sizeWeight) {
        return projection(Projections.paper())
                .actions(Actions.neurons())
                .search(MonteCarloTreeSearch.builder().tieMargin(0).build())
                .simulation(new SimulationSettings(200, 0, 5, 50))
                .score(Score.accuracy(1).parameters(sizeWeight))
                .learningRateSchedule(LearningRateSchedule.progressive(0.2))
                .epochsPerGeneration(1)
                .maxDrop(1);
    }

    /**
     * Chooses what lets a network grow instead of the defaults, the first of the GrowingNN paper's two phases. Layers are added and made
     * two or four times as wide, and nothing is removed. New units are those that the gradient asks for ({@link
     * Projections#growingByGradient}). What is added computes nothing new until it is trained, so that candidates are trained on more
     * examples and for longer, and the best one is taken even where a smaller one is nearly as good; tree search makes several additions at
     * once, because a layer may only pay with more units. The likelihood counts as much as the
     * metric, because it tells small gains apart. Size counts for nothing below the limit: the paper's size term, 0.1 / (1 + 0.001 p), is
     * worth more than what a short training shows of an addition. No candidate is larger than the limit; generations that find nothing to
     * add within it train what is there. The metric may fall, since it starts low. Settings made afterwards replace these.
     *
     * @param maximumParameters number of parameters that the network may grow to, ≥ 1
     * @return this builder
     */
    public B growth(long maximumParameters) {
        return projection(Projections.growingByGradient(Projections.replication()))
                .actions(Actions.neurons()
                        .remove()
                        .add(2, 4)
                        .maximumParameters(maximumParameters)
                        .and(Actions.layers()
                                .only(LayerActions.Kind.ADD_SEQUENTIAL, LayerActions.Kind.ADD_RESIDUAL)
                                .maximumParameters(maximumParameters)))
                .search(GumbelTreeSearch.create().maxEvaluations(GROWTH_EVALUATIONS))
                .simulation(new SimulationSettings(4000, 0.5, 4, 25))
                .score(Score.metric(1).likelihood(1))
                .maxDrop(1);
    }

    /**
     * Chooses how models are graded.
     *
     * @param score the metric and relative parameters in equal parts by default
     * @return this builder
     */
    public B score(Score score) {
        return set("search.score", score);
    }

    /**
     * Chooses how actions are searched. Where the effects of actions add up, as those of removing units mostly do, tree search
     * finds the same as greedy search does with fewer evaluations; it pays where actions only show their worth together, or
     * where there are many more of them than evaluations.
     *
     * @param strategy greedy search by default, which evaluates every action once
     * @return this builder
     */
    public B search(SearchStrategy strategy) {
        return set("search.strategy", strategy);
    }

    /**
     * Searches among networks that meet the stopper's costs exactly, instead of removing units action by action until they are met: where a
     * size, a number of operations or a latency is given, this finds better networks of it. {@link #actions} then are those on layers that may
     * be changed, too; those on units have no effect, since widths follow from the costs. Where the strategy is still the default one, it becomes
     * a {@link GumbelTreeSearch}, which looks for the best sequence of changes and applies it as a whole.
     *
     * @param changes in how many steps the costs fall to the goal, each followed by a generation's training, ≥ 1; more steps take longer and
     *     lose less
     * @return this builder
     */
    public B meetGoalIn(int changes) {
        if (settings.search().strategy().equals(SearchSettings.DEFAULT.strategy())) {
            search(GumbelTreeSearch.create());
        }
        return set("search.meetGoalIn", OptionalInt.of(changes));
    }

    /**
     * Chooses the structural actions.
     *
     * @param actions the paper's neuron actions by default
     * @return this builder
     */
    public B actions(ActionGenerator actions) {
        return set("search.actions", actions);
    }

    /**
     * Chooses how weights follow a structural change.
     *
     * @param projection by default, units whose loss would matter least go, and what consumed them is refitted
     * @return this builder
     */
    public B projection(Projection projection) {
        return set("search.projection", projection);
    }

    /**
     * Chooses whether layers that are frozen in the model, as {@link org.deeplearning4j.nn.transferlearning.TransferLearning} makes them,
     * may lose units. What is left of their weights stays as it is, bit for bit, and they stay frozen; what would combine units that they
     * compute or take, add some, or remove such layers altogether, is left out.
     *
     * @param allowed false by default: frozen layers keep all of their units
     * @return this builder
     */
    public B pruneFrozenLayers(boolean allowed) {
        return set("search.pruneFrozenLayers", allowed);
    }

    /**
     * Chooses in which generations a search takes place.
     *
     * @param scheduler all by default
     * @return this builder
     */
    public B simulateWhen(SimulationScheduler scheduler) {
        return set("search.scheduler", scheduler);
    }

    /**
     * Chooses when to end before all generations have run.
     *
     * @param stopper never by default
     * @return this builder
     */
    public B stopWhen(Stopper stopper) {
        return set("stopper", stopper);
    }

    /**
     * Gives what the layers of the model take, for {@link Stoppers#latency goals} and {@link Score#latency scores} of latency, and so that
     * each generation tells its latency. All decisions are made by the table, so that they repeat. Measure it by {@link
     * org.growingnn.dl4j.training.LatencyMeter#table}, and keep it by {@link LatencyTable#toJson}, or take that of an earlier result.
     *
     * <p>Layers that actions add are not in the table. Their latency is estimated from those of the same kind, see {@link
     * LatencyTable#withKinds}.
     *
     * @param table has all layers of the model; by default there is none, and latency is unknown
     * @return this builder
     */
    public B latencies(LatencyTable table) {
        return set("latencies", Optional.of(table));
    }

    /**
     * Chooses how the learning rate changes within a generation.
     *
     * @param schedule rises during the first fifth and falls afterwards by default
     * @return this builder
     */
    public B learningRateSchedule(LearningRateSchedule schedule) {
        return set("training.schedule", schedule);
    }

    /**
     * Replaces the model's learning rate during the run: the largest of its layers gets this rate, the others keep their
     * proportion to it. The returned model has its own learning rates and schedules again.
     *
     * @param rate &gt; 0; the model's own by default
     * @return this builder
     */
    public B learningRate(double rate) {
        return set("training.learningRate", OptionalDouble.of(rate));
    }

    /**
     * Chooses how candidates are trained and graded during a search.
     *
     * @param simulation {@link SimulationSettings#DEFAULT} by default
     * @return this builder
     */
    public B simulation(SimulationSettings simulation) {
        return set("search.simulation", simulation);
    }

    /**
     * Measures the metric of training data on a sample, balanced by class and the same in every generation, instead of on all
     * training data.
     *
     * @param samples ≥ 1; all by default
     * @return this builder
     */
    public B trainMetricSamples(int samples) {
        return set("data.trainMetricSamples", OptionalInt.of(samples));
    }

    /**
     * Calibrates projections and criteria with so many examples of the training data, once per generation.
     *
     * @param examples ≥ 1; 1000 by default
     * @return this builder
     */
    public B calibrationExamples(int examples) {
        return set("data.calibrationExamples", examples);
    }

    /**
     * Limits how much native memory calibration takes beside the network, see {@link
     * org.growingnn.dl4j.training.Calibrator#withNativeMemory}.
     *
     * @param bytes ≥ 1; without it {@link org.growingnn.dl4j.training.Calibrator#DEFAULT_MEMORY} for the activations alone
     * @return this builder
     */
    public B calibrationMemory(long bytes) {
        return set("data.calibrationMemory", OptionalLong.of(bytes));
    }

    /**
     * Grades candidates on examples of their own, which are held out from the run's training, rather than on examples that the model to
     * change was trained on.
     *
     * @param own false by default
     * @return this builder
     */
    public B gradeOnHeldOut(boolean own) {
        return set("data.gradeOnHeldOut", own);
    }

    /**
     * Chooses how many accepted models are kept beside the returned one, at most. They stay in memory with their optimisers'
     * states.
     *
     * @param models ≥ 2; 10 by default
     * @return this builder
     */
    public B paretoCapacity(int models) {
        return set("paretoCapacity", models);
    }

    /**
     * Chooses how many candidates are evaluated at once. The result does not depend on it.
     *
     * @param count of threads or processes, ≥ 1; the number of processors by default
     * @return this builder
     */
    public B workers(int count) {
        return set("workers", count);
    }

    /**
     * Chooses where candidates are evaluated: by default on threads of this process. {@link
     * org.growingnn.dl4j.worker.ProcessExecution#processes()} evaluates them in processes of their own, which are replaced now and then, for
     * models whose native code leaks or crashes. The result does not depend on it.
     *
     * @param execution where
     * @return this builder
     */
    public B execution(Execution execution) {
        return set("execution", execution);
    }

    /**
     * Sets what all randomness derives from.
     *
     * @param seed any number; 42 by default
     * @return this builder
     */
    public B seed(long seed) {
        return set("seed", seed);
    }

    /**
     * Insists on results that depend on the seed only: building then refuses searches and stoppers with a time limit.
     *
     * @return this builder
     */
    public B deterministic() {
        return set("deterministic", true);
    }
}
