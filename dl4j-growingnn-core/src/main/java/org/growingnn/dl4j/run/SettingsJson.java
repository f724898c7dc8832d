package org.growingnn.dl4j.run;

import java.util.ServiceLoader;
import org.growingnn.dl4j.action.ActionGenerator;
import org.growingnn.dl4j.action.CombinedActions;
import org.growingnn.dl4j.action.GlobalActions;
import org.growingnn.dl4j.action.InputActions;
import org.growingnn.dl4j.action.LayerActions;
import org.growingnn.dl4j.action.NeuronActions;
import org.growingnn.dl4j.action.SwapActions;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.score.ScoreTerms;
import org.growingnn.dl4j.search.BeamSearch;
import org.growingnn.dl4j.search.BestFirstSearch;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.ExecutionProvider;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.GumbelTreeSearch;
import org.growingnn.dl4j.search.HalvingBeamSearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.RandomSequences;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.search.WithoutSearch;
import org.growingnn.dl4j.training.LearningRateSchedule;
import org.growingnn.dl4j.value.Family;
import org.growingnn.dl4j.value.RecordJson;
import org.growingnn.dl4j.worker.ProcessExecution;

/** The names of everything that may stand in settings. */
final class SettingsJson {

    static final Family<SearchStrategy> STRATEGIES = Family.of(SearchStrategy.class)
            .withDefaults("greedy", GreedySearch.create())
            .withDefaults("successive-halving", SuccessiveHalving.create())
            .withDefaults("random", new RandomSearch())
            .withDefaults("random-sequences", RandomSequences.ofDepth(4))
            .withDefaults("beam", BeamSearch.ofWidth(4))
            .withDefaults("halving-beam", HalvingBeamSearch.ofWidth(4))
            .withDefaults("best-first", BestFirstSearch.create())
            .withDefaults("gumbel-tree", GumbelTreeSearch.create())
            .withDefaults("without", new WithoutSearch(WithoutSearch.Allocation.RANKING))
            .withDefaults("monte-carlo-tree", MonteCarloTreeSearch.builder().build());

    static final Family<ActionGenerator> ACTIONS = Family.of(ActionGenerator.class)
            .withDefaults("neurons", NeuronActions.DEFAULT)
            .withDefaults("layers", LayerActions.DEFAULT)
            .withDefaults("inputs", InputActions.DEFAULT)
            .withDefaults("global", GlobalActions.DEFAULT)
            .withDefaults("swaps", SwapActions.DEFAULT)
            .with("and", CombinedActions.class);

    static final Family<Projection> PROJECTIONS = Family.named(Projection.class, Projection::name, Projections::named);

    static final Family<SimulationScheduler> SCHEDULERS = Family.of(SimulationScheduler.class)
            .with("always", SimulationScheduler.Always.class)
            .with("progress-check", SimulationScheduler.ProgressCheck.class)
            .with("overfit-check", SimulationScheduler.OverfitCheck.class);

    static final Family<ScoreTerm> TERMS = Family.of(ScoreTerm.class)
            .with("metric", ScoreTerms.Metric.class)
            .with("accuracy", ScoreTerms.Accuracy.class)
            .with("loss", ScoreTerms.Loss.class)
            .with("likelihood", ScoreTerms.Likelihood.class)
            .withDefaults("parameters", new ScoreTerms.Parameters(Score.DEFAULT_BETA))
            .with("relative-parameters", ScoreTerms.RelativeParameters.class)
            .with("compression", ScoreTerms.Compression.class)
            .with("macs", ScoreTerms.Macs.class)
            .with("latency", ScoreTerms.Latency.class);

    static final Family<Stopper> STOPPERS = Family.of(Stopper.class)
            .with("never", Stoppers.Never.class)
            .with("metric", Stoppers.Metric.class)
            .with("accuracy", Stoppers.Accuracy.class)
            .with("reduction", Stoppers.Reduction.class)
            .with("at-most", Stoppers.AtMost.class)
            .with("left", Stoppers.Left.class)
            .with("time", Stoppers.Time.class)
            .with("no-improvement", Stoppers.NoImprovement.class)
            .with("and", CombinedStoppers.And.class)
            .with("or", CombinedStoppers.Or.class);

    static final Family<LearningRateSchedule> SCHEDULES = Family.of(LearningRateSchedule.class)
            .with("constant", LearningRateSchedule.Constant.class)
            .with("progressive", LearningRateSchedule.Progressive.class)
            .with("progressive-parabolic", LearningRateSchedule.ProgressiveParabolic.class);

    static final Family<Metric> METRICS = Family.of(Metric.class)
            .with("automatic", Metrics.Automatic.class)
            .with("accuracy", Metrics.Accuracy.class)
            .with("macro-f1", Metrics.MacroF1.class)
            .withDefaults("f1", new Metrics.F1(1))
            .with("mean-f1", Metrics.MeanF1.class)
            .with("auc", Metrics.Auc.class)
            .withDefaults("r2", new Metrics.R2(false))
            .with("mean-absolute-error", Metrics.MeanAbsoluteError.class)
            .with("root-mean-squared-error", Metrics.RootMeanSquaredError.class)
            .with("loss", Metrics.Loss.class)
            .with("outputs", Metrics.ForOutputs.class);

    static final Family<Execution> EXECUTIONS = executions(
            Family.of(Execution.class)
                    .with("threads", Execution.Threads.class)
                    .withDefaults("processes", ProcessExecution.DEFAULT)
                    .elsewhere(
                            "spark",
                            "It is in the module dl4j-growingnn-spark, which is not on the class path.\n"
                                    + "Maybe put its jar and Apache Spark there, as docs/spark.md tells?"),
            ServiceLoader.load(ExecutionProvider.class, SettingsJson.class.getClassLoader()));

    static final RecordJson FORM = new RecordJson(
            METRICS, STRATEGIES, ACTIONS, PROJECTIONS, SCHEDULERS, TERMS, STOPPERS, SCHEDULES, EXECUTIONS);

    private SettingsJson() {}

    private static Family<Execution> executions(Family<Execution> own, Iterable<ExecutionProvider> providers) {
        Family<Execution> all = own;
        for (ExecutionProvider provider : providers) {
            all = all.withDefaults(provider.name(), provider.defaults());
        }
        return all;
    }
}
