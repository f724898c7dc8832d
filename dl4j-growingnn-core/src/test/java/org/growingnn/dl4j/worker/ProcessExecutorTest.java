package org.growingnn.dl4j.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.action.RemoveNeurons;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.adapter.ModelReader;
import org.growingnn.dl4j.adapter.ModelWriter;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.metric.Metrics;
import org.growingnn.dl4j.metric.Reading;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.search.Grade;
import org.growingnn.dl4j.search.Previewed;
import org.growingnn.dl4j.search.ThreadExecutor;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.training.BlasThreads;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.growingnn.dl4j.training.SimulationSet;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

@Timeout(120)
class ProcessExecutorTest {

    private static final int EXAMPLES = 40;
    private static final int CLASSES = 10;

    /** Optimizing code further than the first compiler does costs more than it saves in short runs. */
    private static final ProcessExecution QUICK =
            ProcessExecution.processes().heap(1L << 29).environment("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");

    /** Processes take seconds to start. */
    private static final ProcessExecutor SHARED = new ProcessExecutor(2, QUICK);

    @AfterAll
    static void close() {
        SHARED.close();
        assertThat(children()).isEmpty();
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().toList();
    }

    private static MultiDataSet examples(long... shape) {
        INDArray features = Nd4j.rand(shape);
        INDArray labels = Nd4j.zeros(shape[0], CLASSES);
        IntStream.range(0, (int) shape[0]).forEach(i -> labels.putScalar(i, i % CLASSES, 1));
        return new MultiDataSet(features, labels);
    }

    private static NetworkGraph mlp() throws IOException {
        File file = Path.of(System.getProperty("growingnn.repository"), "src-test-models", "mlp", "model.zip")
                .toFile();
        return ModelReader.read(
                ModelSerializer.restoreMultiLayerNetwork(file), List.of(InputType.feedForward(28 * 28)));
    }

    private static NetworkGraph small() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().nOut(20).build())
                .layer(new OutputLayer.Builder().nOut(CLASSES).build())
                .setInputType(InputType.feedForward(8))
                .build());
        model.init();
        return ModelReader.read(model, List.of(InputType.feedForward(8)));
    }

    private static NetworkGraph convolutional(MultiDataSet examples) {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).build())
                .layer(new BatchNormalization())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(8)
                        .stride(2, 2)
                        .dropOut(0.8)
                        .build())
                .layer(new DenseLayer.Builder().nOut(16).dropOut(0.6).build())
                .layer(new OutputLayer.Builder()
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(10, 10, 2))
                .build());
        model.init();
        Models.fit(model, examples, 3);
        NetworkGraph network = ModelReader.read(model, List.of(InputType.convolutional(10, 10, 2)));
        return new Calibrator(1, 512).calibrate(network, TrainingData.of(List.of(examples)));
    }

    private static CandidateEvaluator evaluator(NetworkGraph initial, MultiDataSet examples, int epochs, Score score) {
        return new CandidateEvaluator(
                new SimulationSet(List.of(examples, examples), List.of(examples), true),
                new SimulationSettings(2 * EXAMPLES, 0.5, epochs, EXAMPLES),
                score,
                initial,
                OptionalDouble.empty(),
                Metrics.accuracy(),
                Reading.NONE);
    }

    private static List<Candidate> candidates(NetworkGraph root, int count) {
        List<String> layers = root.spaces().stream()
                .filter(space -> space.frozen().isEmpty())
                .map(space -> space.name())
                .toList();
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    StructuralAction action =
                            new RemoveNeurons(layers.get(i % layers.size()), (i + 1.0) / (count + 2), 1);
                    return Candidate.root(root).then(action, Projections.importance());
                })
                .toList();
    }

    private static List<Evaluated> evaluated(
            CandidateExecutor executor, CandidateEvaluator evaluator, List<Candidate> candidates) {
        List<Evaluated> received = new ArrayList<>();
        executor.evaluate(evaluator, candidates, 5, Cancellation.never(), received::add);
        return received;
    }

    @SuppressWarnings("try") // The lease is only held.
    private static List<Evaluated> onThreads(CandidateEvaluator evaluator, List<Candidate> candidates) {
        try (BlasThreads single = BlasThreads.single();
                ThreadExecutor threads = new ThreadExecutor(2)) {
            return evaluated(threads, evaluator, candidates);
        }
    }

    private static void assertSame(List<Evaluated> actual, List<Evaluated> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).candidate()).isSameAs(expected.get(i).candidate());
            Grade there = actual.get(i).evaluation().orElseThrow();
            Grade here = expected.get(i).evaluation().orElseThrow();
            assertThat(there.score()).isEqualTo(here.score());
            assertThat(there.standardError()).isEqualTo(here.standardError());
            assertThat(there.trained().calibration().isPresent())
                    .isEqualTo(here.trained().calibration().isPresent());
            assertThat(Models.state(ModelWriter.toComputationGraph(there.trained())))
                    .isEqualTo(Models.state(ModelWriter.toComputationGraph(here.trained())));
        }
    }

    @Test
    void grades_and_trained_networks_are_those_of_threads_bit_for_bit() throws IOException {
        MultiDataSet vectors = examples(EXAMPLES, 28 * 28);
        NetworkGraph mlp = mlp();
        MultiDataSet images = examples(EXAMPLES, 2, 10, 10);
        NetworkGraph convolutional = convolutional(images);
        CandidateEvaluator first =
                evaluator(mlp, vectors, 2, Score.metric(1).loss(1).relativeParameters(1));
        CandidateEvaluator second =
                evaluator(convolutional, images, 3, Score.metric(1).loss(1).macs(1));
        SHARED.requireAble(first, mlp);
        List<Candidate> dense = candidates(mlp, 5);
        assertSame(evaluated(SHARED, first, dense), onThreads(first, dense));
        SHARED.requireAble(second, convolutional);
        List<Candidate> maps = candidates(convolutional, 6);
        assertSame(evaluated(SHARED, second, maps), onThreads(second, maps));
        List<Previewed> previews = new ArrayList<>();
        SHARED.preview(second, maps, Cancellation.never(), previews::add);
        assertThat(previews)
                .extracting(Previewed::score)
                .isEqualTo(maps.stream()
                        .map(candidate -> second.preview(candidate.network(), Cancellation.never()))
                        .toList());
    }

    @Test
    void what_cannot_be_sent_is_refused_before_anything_is_evaluated() {
        NetworkGraph root = small();
        Object own = new Object();
        CandidateEvaluator evaluator = evaluator(root, examples(EXAMPLES, 8), 1, Score.of(new Holding(own), 1));
        assertThatThrownBy(() -> SHARED.requireAble(evaluator, root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'holding'");
    }

    private record Holding(Object own) implements ScoreTerm {

        @Override
        public String name() {
            return "holding";
        }

        @Override
        public double grade(Measurement measurement) {
            return own.hashCode();
        }
    }

    /** Tells which process it is graded in. */
    private record InProcess() implements ScoreTerm {

        private static final double SCALE = 1L << 32;

        @Override
        public String name() {
            return "process";
        }

        @Override
        public double grade(Measurement measurement) {
            return ProcessHandle.current().pid() / SCALE;
        }

        static List<Long> processes(List<Evaluated> evaluated) {
            return evaluated.stream()
                    .map(one -> Math.round(one.evaluation().orElseThrow().score() * SCALE))
                    .toList();
        }
    }

    @Test
    void a_process_is_replaced_after_its_number_of_candidates_or_when_it_has_grown() {
        NetworkGraph root = small();
        CandidateEvaluator evaluator = evaluator(root, examples(EXAMPLES, 8), 1, Score.of(new InProcess(), 1));
        try (ProcessExecutor two = new ProcessExecutor(1, QUICK.candidates(2))) {
            List<Long> processes = InProcess.processes(evaluated(two, evaluator, candidates(root, 3)));
            assertThat(processes.get(1)).isEqualTo(processes.get(0));
            assertThat(processes.get(2)).isNotEqualTo(processes.get(0));
            assertThat(processes).doesNotContain(ProcessHandle.current().pid());
            assertThat(children())
                    .extracting(ProcessHandle::pid)
                    .contains(processes.get(2))
                    .doesNotContain(processes.get(0));
        }
        try (ProcessExecutor narrow = new ProcessExecutor(1, QUICK.memory(1))) {
            List<Long> processes = InProcess.processes(evaluated(narrow, evaluator, candidates(root, 1)));
            assertThat(children()).extracting(ProcessHandle::pid).doesNotContainAnyElementsOf(processes);
        }
    }

    @Test
    void candidates_of_processes_that_are_killed_are_evaluated_again() {
        NetworkGraph root = small();
        CandidateEvaluator evaluator =
                evaluator(root, examples(EXAMPLES, 8), 20, Score.metric(1).loss(1));
        List<Candidate> candidates = candidates(root, 6);
        List<Evaluated> received = new ArrayList<>();
        SHARED.evaluate(evaluator, candidates, 5, Cancellation.never(), evaluated -> {
            if (received.isEmpty()) {
                // The receiver has the first result while the second process, at least, is on the way.
                assertThat(children()).isNotEmpty().allMatch(ProcessHandle::destroyForcibly);
            }
            received.add(evaluated);
        });
        assertSame(received, onThreads(evaluator, candidates));
    }

    /** Ends the process, as a crash of native code would, that grades a network of so many parameters. */
    private record Crash(long parameters) implements ScoreTerm {

        @Override
        public String name() {
            return "crash";
        }

        @Override
        public double grade(Measurement measurement) {
            if (measurement.parameters() == parameters) {
                Runtime.getRuntime().halt(7);
            }
            return 0.5;
        }
    }

    @Test
    void a_candidate_that_ends_two_processes_has_failed_and_the_others_have_not() {
        NetworkGraph root = small();
        List<Candidate> candidates = candidates(root, 4);
        CandidateEvaluator evaluator = evaluator(
                root,
                examples(EXAMPLES, 8),
                1,
                Score.of(new Crash(candidates.get(1).parameters()), 1));
        List<Evaluated> received = evaluated(SHARED, evaluator, candidates);
        assertThat(received).hasSize(4);
        assertThat(((Failure) received.get(1).evaluation()).reason())
                .contains("ended with exit code 7 while it evaluated a candidate");
        for (int i : new int[] {0, 2, 3}) {
            assertThat(received.get(i).evaluation().orElseThrow().score()).isEqualTo(0.5);
        }
    }

    /** Throws what is no candidate's fault. */
    private record Broken() implements ScoreTerm {

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public double grade(Measurement measurement) {
            throw new NoClassDefFoundError("missing");
        }
    }

    @Test
    void errors_of_the_program_are_thrown_as_they_are_on_threads() {
        NetworkGraph root = small();
        CandidateEvaluator evaluator = evaluator(root, examples(EXAMPLES, 8), 1, Score.of(new Broken(), 1));
        assertThatThrownBy(() -> evaluated(SHARED, evaluator, candidates(root, 2)))
                .isInstanceOf(Error.class)
                .hasMessageContaining("NoClassDefFoundError: missing");
    }

    /** Can be read in one process only. */
    private record AtHome(long process) implements ScoreTerm {

        AtHome {
            if (process != ProcessHandle.current().pid()) {
                throw new IllegalArgumentException("far from home");
            }
        }

        @Override
        public String name() {
            return "at home";
        }

        @Override
        public double grade(Measurement measurement) {
            return 1;
        }
    }

    @Test
    void what_cannot_be_read_elsewhere_is_refused_before_anything_is_evaluated() {
        NetworkGraph root = small();
        ScoreTerm term = new AtHome(ProcessHandle.current().pid());
        CandidateEvaluator evaluator = evaluator(root, examples(EXAMPLES, 8), 1, Score.of(term, 1));
        assertThatThrownBy(() -> SHARED.requireAble(evaluator, root))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("far from home");
    }

    /** Takes its time, so that nobody looks at the cancellation. */
    private record Stuck() implements ScoreTerm {

        @Override
        public String name() {
            return "stuck";
        }

        @Override
        public double grade(Measurement measurement) {
            try {
                Thread.sleep(TimeUnit.DAYS.toMillis(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return 1;
        }
    }

    @Test
    void a_cancelled_search_returns_though_evaluations_go_on_for_ever_and_leaves_the_pool_usable() throws Exception {
        NetworkGraph root = small();
        MultiDataSet examples = examples(EXAMPLES, 8);
        CandidateEvaluator endless = evaluator(root, examples, Integer.MAX_VALUE, Score.metric(1));
        CandidateEvaluator stuck = evaluator(root, examples, 1, Score.of(new Stuck(), 1));
        for (CandidateEvaluator evaluator : List.of(endless, stuck)) {
            SHARED.requireAble(evaluator, root);
            Cancellation cancellation = new Cancellation();
            List<Evaluated> received = new ArrayList<>();
            CompletableFuture<Void> search = CompletableFuture.runAsync(
                    () -> SHARED.evaluate(evaluator, candidates(root, 1), 5, cancellation, received::add));
            Thread.sleep(300);
            assertThat(search).isNotDone();
            cancellation.cancel("enough");
            search.get(60, TimeUnit.SECONDS);
            assertThat(received).isEmpty();
        }
        CandidateEvaluator evaluator = evaluator(root, examples, 1, Score.metric(1));
        assertThat(evaluated(SHARED, evaluator, candidates(root, 2)))
                .allSatisfy(one -> assertThat(one.evaluation()).isInstanceOf(Grade.class));
    }

    /** A program that does not close its processes. */
    static final class Deserter {

        private Deserter() {}

        public static void main(String[] arguments) throws WorkerEndedException {
            Worker worker = Worker.start(ProcessExecution.processes(), Cancellation.never());
            System.out.println(worker.pid());
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    void processes_end_with_the_program_however_it_ends() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), Deserter.class.getName());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process program = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        long orphan;
        try (BufferedReader output = program.inputReader()) {
            orphan = output.lines()
                    .filter(line -> line.matches("\\d+"))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElseThrow();
        }
        assertThat(program.waitFor()).isZero();
        ProcessHandle.of(orphan).ifPresent(left -> left.onExit().join());
    }

    @Test
    void processes_that_cannot_start_say_why() {
        NetworkGraph root = small();
        CandidateEvaluator evaluator = evaluator(root, examples(EXAMPLES, 8), 1, Score.metric(1));
        try (ProcessExecutor broken = new ProcessExecutor(
                1, ProcessExecution.processes().environment("JAVA_TOOL_OPTIONS", "-XX:NoSuchOption"))) {
            assertThatThrownBy(() -> broken.requireAble(evaluator, root))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("exit code 1")
                    .hasMessageContaining("NoSuchOption")
                    .hasMessageContaining("Execution.threads()");
        }
    }

    @Test
    void nonsense_is_refused() {
        assertThatThrownBy(() -> new ProcessExecutor(0, ProcessExecution.processes()))
                .hasMessageContaining("(0)");
        assertThatThrownBy(() -> ProcessExecution.processes().candidates(0)).hasMessageContaining("candidates (0)");
        assertThatThrownBy(() -> ProcessExecution.processes().heap(1)).hasMessageContaining("heap (1)");
        assertThatThrownBy(() -> ProcessExecution.processes().environment("A=B", ""))
                .hasMessageContaining("A=B");
    }
}
