package org.growingnn.dl4j.run;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.BatchStream;
import org.growingnn.dl4j.data.Examples;
import org.growingnn.dl4j.graph.Costs;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metric;
import org.growingnn.dl4j.metric.MetricChoice;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.Distillation;
import org.growingnn.dl4j.training.LiveModel;
import org.growingnn.dl4j.training.SimulationSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the steps of a run work with: samples of the data, the evaluator, the teacher, the workers. All of it follows from settings,
 * data and the initial network, so that a run that is taken up again has the same.
 */
final class RunEnvironment implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RunEnvironment.class);
    /** One for the whole run, which says once what it leaves out. */
    private final Calibrator calibrator;

    private final RunSettings settings;
    private final RunData data;
    private final NetworkGraph initial;
    private final Cancellation cancellation;

    private final BlasThreads blasThreads;
    private final CandidateExecutor executor;
    private final SimulationSet simulationSet;
    private final MetricChoice metric;
    private final Iterable<MultiDataSet> trainingSample;
    private final List<MultiDataSet> calibrationSample;
    private final MultiDataSet firstBatch;
    private final MultiDataSet latencyBatch;
    private final Optional<ComputationGraph> teacher;

    private NetworkGraph calibrated;
    private NetworkGraph calibratedFrom;

    private RunEnvironment(
            RunSettings settings,
            RunData data,
            NetworkGraph initial,
            Cancellation cancellation,
            SimulationSet simulationSet,
            MetricChoice metric,
            Iterable<MultiDataSet> trainingSample,
            List<MultiDataSet> calibrationSample) {
        this.settings = settings;
        OptionalLong memory = settings.data().calibrationMemory();
        this.calibrator = memory.isPresent() ? new Calibrator().withNativeMemory(memory.getAsLong()) : new Calibrator();
        this.data = data;
        this.initial = initial;
        this.cancellation = cancellation;
        this.simulationSet = simulationSet;
        this.metric = metric;
        this.trainingSample = trainingSample;
        this.calibrationSample = calibrationSample;
        // Copies: an iterator may use the memory of its batches again.
        this.firstBatch = data.training().iterator().next().copy();
        this.latencyBatch = data.validation().iterator().next().copy();
        // The original teaches in training; candidates are few steps from it and are graded on true labels.
        this.teacher =
                settings.training().distillation().map(distillation -> teacher(distillation, initial, firstBatch));
        // Whatever must be closed comes last, behind all that may throw.
        this.executor = settings.execution().executor(settings.workers());
        this.blasThreads = BlasThreads.single();
    }

    static RunEnvironment open(RunSettings settings, RunData data, NetworkGraph network, Cancellation cancellation) {
        // Networks that are made from this one carry the table, too.
        NetworkGraph initial = settings.latencies()
                .map(table -> network.with(network.origin().withLatencies(table.withKinds(network))))
                .orElse(network);
        requireCosts(settings, initial);
        MetricChoice metric =
                MetricChoice.of(settings.metric(), initial, data.summary().labels(), settings.speakOfAccuracy());
        log.info("Models are judged by {}: {}", metric.metric().name(), metric.reason());
        SimulationSet set = data.grading()
                .map(heldOut -> SimulationSet.draw(
                        data.training(), heldOut, settings.search().simulation(), settings.seed()))
                .orElseGet(() ->
                        SimulationSet.draw(data.training(), settings.search().simulation(), settings.seed()));
        int batch = Math.toIntExact(data.summary().largestBatch());
        RunEnvironment environment = new RunEnvironment(
                settings,
                data,
                initial,
                cancellation,
                set,
                metric,
                settings.data().trainMetricSamples().isEmpty()
                        ? data.training()
                        : Examples.sample(
                                data.training(),
                                settings.data().trainMetricSamples().getAsInt(),
                                batch,
                                settings.seed()),
                settings.search().projection().needsCalibration()
                        ? Examples.sample(
                                data.training(), settings.data().calibrationExamples(), batch, settings.seed())
                        : List.of());
        try {
            environment.executor.requireAble(environment.evaluator(Reading.NONE), initial);
            return environment;
        } catch (RuntimeException | Error e) {
            environment.close();
            throw e;
        }
    }

    private static void requireCosts(RunSettings settings, NetworkGraph initial) {
        try {
            Costs.of(initial, settings.costs());
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "A cost that the stopper (" + settings.stopper() + ") or the search.score ("
                            + settings.search().score() + ") speaks of is unknown. " + e.getMessage(),
                    e);
        }
    }

    /** Finds out at once, rather than in the first training, whether the model has something to teach. */
    private static ComputationGraph teacher(Distillation distillation, NetworkGraph initial, MultiDataSet batch) {
        ComputationGraph teacher = ModelWriter.toComputationGraph(initial);
        try {
            distillation.distil(batch, teacher);
            return teacher;
        } catch (RuntimeException e) {
            LiveModel.release(teacher);
            throw e;
        }
    }

    RunSettings settings() {
        return settings;
    }

    RunData data() {
        return data;
    }

    NetworkGraph initial() {
        return initial;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    CandidateExecutor executor() {
        return executor;
    }

    /** Grades candidates, compared with what the metric told of the initial model. */
    CandidateEvaluator evaluator(Reading reference) {
        Score score = settings.search().score();
        return new CandidateEvaluator(
                simulationSet,
                settings.search().simulation(),
                settings.search().meetGoalIn().isPresent() ? score.withoutCosts() : score,
                initial,
                settings.training().learningRate(),
                metric.metric(),
                reference);
    }

    SimulationSet simulationSet() {
        return simulationSet;
    }

    /** What models are judged by. */
    Metric metric() {
        return metric.metric();
    }

    MetricChoice metricChoice() {
        return metric;
    }

    /** The batch that tells the loss of the model as it was given. */
    MultiDataSet firstBatch() {
        return firstBatch;
    }

    /** The batch on which latencies are measured. */
    MultiDataSet latencyBatch() {
        return latencyBatch;
    }

    Iterable<MultiDataSet> trainingSample() {
        return trainingSample;
    }

    int batchesPerEpoch() {
        return Math.toIntExact(Math.min(
                data.summary().batches(), settings.training().batchesPerEpoch().orElse(Integer.MAX_VALUE)));
    }

    int fineTuneEpochs() {
        return settings.training().fineTuneEpochs(data.summary().batches());
    }

    /** Calibrates once for all candidates of a search, if the projection wants it. */
    NetworkGraph calibrated(NetworkGraph network) {
        if (!settings.search().projection().needsCalibration()) {
            return network;
        }
        if (calibratedFrom != network) {
            calibrated = calibrate(network);
            calibratedFrom = network;
        }
        return calibrated;
    }

    /** Calibrates a network that a search makes by changing layers; may be called by workers. */
    NetworkGraph calibratedVariant(NetworkGraph network) {
        return settings.search().projection().needsCalibration() ? calibrate(network) : network;
    }

    private NetworkGraph calibrate(NetworkGraph network) {
        return calibrator
                .withSeed(settings.seed())
                .withSquaredGradients(settings.search().projection().needsSquaredGradients())
                .withCandidates(settings.search().projection().needsCandidates())
                .calibrate(network, cancellable(calibrationSample));
    }

    /** Batches between which work ends if it is asked to. */
    private Iterable<MultiDataSet> cancellable(List<MultiDataSet> batches) {
        return () -> batches.stream().peek(batch -> cancellation.check()).iterator();
    }

    /** Gives what training sees of the stream: its labels mixed with the teacher's answers, if there is a teacher. */
    Supplier<MultiDataSet> taught(BatchStream stream) {
        if (teacher.isEmpty()) {
            return stream::next;
        }
        Distillation distillation = settings.training().distillation().orElseThrow();
        return () -> distillation.distil(stream.next(), teacher.get());
    }

    /** Awaits the workers, so that no native work outlives the run. */
    @Override
    @SuppressWarnings("try") // Both are only closed, whatever happens.
    public void close() {
        try (BlasThreads lease = blasThreads;
                CandidateExecutor workers = executor) {
            teacher.ifPresent(LiveModel::release);
        }
    }
}
