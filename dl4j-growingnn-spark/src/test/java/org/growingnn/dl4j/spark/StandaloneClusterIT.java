package org.growingnn.dl4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.OptimizationResult;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.score.Measurement;
import org.growingnn.dl4j.score.Score;
import org.growingnn.dl4j.score.ScoreTerm;
import org.growingnn.dl4j.search.Candidate;
import org.growingnn.dl4j.search.CandidateExecutor;
import org.growingnn.dl4j.search.Evaluated;
import org.growingnn.dl4j.search.Execution;
import org.growingnn.dl4j.search.Failure;
import org.growingnn.dl4j.training.CandidateEvaluator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A master and two workers in processes of their own: what differs from threads in one process must not show. */
@Timeout(600)
class StandaloneClusterIT {

    private StandaloneCluster cluster;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        cluster = StandaloneCluster.start(2);
    }

    @AfterEach
    void end() {
        List<ProcessHandle> started = cluster.workers().stream()
                .flatMap(worker -> Stream.concat(Stream.of(worker.toHandle()), worker.descendants()))
                .toList();
        cluster.close();
        assertThat(started).noneMatch(ProcessHandle::isAlive);
    }

    private static OptimizationResult run(Execution execution, RunListener listener) {
        return SparkTasks.optimizer()
                .execution(execution)
                .listener(listener)
                .build()
                .optimize(SparkTasks.model());
    }

    private static String found(Execution execution) {
        return SparkTasks.found(run(execution, event -> {}));
    }

    @Test
    void threads_one_process_of_spark_and_a_cluster_find_the_same_bit_for_bit() {
        String threads = found(Execution.threads());
        assertThat(threads).contains("remove-neurons");
        assertThat(found(SparkExecution.on("local[2]"))).isEqualTo(threads);
        assertThat(found(SparkExecution.on(cluster.url()))).isEqualTo(threads);
    }

    @Test
    void a_worker_that_is_killed_in_a_search_does_not_change_what_is_found() {
        AtomicInteger evaluated = new AtomicInteger();
        Process killed = cluster.workers().get(0);
        OptimizationResult result = run(SparkExecution.on(cluster.url()), event -> {
            if (event instanceof RunEvent.CandidateEvaluated && evaluated.incrementAndGet() == 3) {
                assertThat(StandaloneCluster.executors(killed)).hasSize(1);
                killed.destroyForcibly();
            }
        });
        assertThat(killed.isAlive()).isFalse();
        assertThat(evaluated.get()).isGreaterThan(6);
        assertThat(SparkTasks.found(result)).isEqualTo(found(Execution.threads()));
    }

    @Test
    void executors_that_are_all_killed_in_a_search_are_replaced_and_do_not_change_what_is_found() {
        AtomicInteger evaluated = new AtomicInteger();
        OptimizationResult result = run(SparkExecution.on(cluster.url()), event -> {
            if (event instanceof RunEvent.CandidateEvaluated && evaluated.incrementAndGet() == 3) {
                List<ProcessHandle> killed = cluster.workers().stream()
                        .flatMap(worker -> StandaloneCluster.executors(worker).stream())
                        .toList();
                assertThat(killed).hasSize(2).allMatch(ProcessHandle::destroyForcibly);
            }
        });
        assertThat(result.status()).as(result.outcome().reason()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(SparkTasks.found(result)).isEqualTo(found(Execution.threads()));
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
    void a_candidate_that_ends_every_process_has_failed_and_the_others_have_not() {
        NetworkGraph root = SparkTasks.network();
        List<Candidate> candidates = SparkTasks.candidates(root, 4);
        CandidateEvaluator evaluator = SparkTasks.evaluator(
                root, 1, Score.of(new Crash(candidates.get(1).parameters()), 1));
        try (CandidateExecutor executor = SparkExecution.on(cluster.url()).executor(1)) {
            assertThat(executor.parallelism()).isEqualTo(2);
            executor.requireAble(evaluator, root);
            List<Evaluated> received = SparkTasks.evaluated(executor, evaluator, candidates);
            assertThat(received).hasSize(4);
            assertThat(((Failure) received.get(1).evaluation()).reason()).contains("Every process that evaluated it");
            for (int i : new int[] {0, 2, 3}) {
                assertThat(received.get(i).evaluation().orElseThrow().score()).isEqualTo(0.5);
            }
        }
    }

    /** Computes otherwise in every process but one. */
    private record AtHome(long process) implements ScoreTerm {

        @Override
        public String name() {
            return "at home";
        }

        @Override
        public double grade(Measurement measurement) {
            return ProcessHandle.current().pid() == process ? 0.5 : 0.25;
        }
    }

    @Test
    void a_cluster_that_computes_other_bits_is_refused_and_each_of_its_executors_named() {
        NetworkGraph root = SparkTasks.network();
        CandidateEvaluator evaluator = SparkTasks.evaluator(
                root, 1, Score.of(new AtHome(ProcessHandle.current().pid()), 1));
        try (CandidateExecutor executor = SparkExecution.on(cluster.url()).executor(1)) {
            assertThatThrownBy(() -> executor.requireAble(evaluator, root))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The executor 0 on 127.0.0.1 computes otherwise")
                    .hasMessageContaining("The executor 1 on 127.0.0.1 computes otherwise");
        }
    }

    private static Path repository(String file) {
        return Path.of(System.getProperty("growingnn.repository", "..")).resolve(file);
    }

    /** A command line of this program's class path, in a process of its own. */
    private Process command(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "org.growingnn.dl4j.cli.GrowingnnCommand"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.redirectErrorStream(true).redirectOutput(log()).start();
    }

    private File log() {
        return directory.resolve("log.txt").toFile();
    }

    /** Predicts prices of diamonds, once it is trained. */
    private Path model() throws IOException {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder()
                        .nOut(32)
                        .activation(Activation.RELU)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(16)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(1)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.feedForward(9))
                .build());
        model.init();
        Path file = directory.resolve("model.zip");
        ModelSerializer.writeModel(model, file.toFile(), true);
        return file;
    }

    private Process optimize(Path folder, String... further) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "optimize",
                model().toString(),
                "--data",
                repository("dl4j-growingnn-cli/src/test/resources/data/diamonds.csv")
                        .toString(),
                "--label",
                "price",
                "--out",
                folder.toString(),
                "--generations",
                "12",
                "--max-drop",
                "1",
                "--set",
                "training.epochsPerGeneration=1",
                "--set",
                "training.fineTuneEpochs=1",
                "--deterministic"));
        arguments.addAll(List.of(further));
        return command(arguments.toArray(String[]::new));
    }

    private static String found(Path folder) {
        RunState state = RunFolder.open(folder).state();
        return state.history().size() + " " + ContentHash.of(state.result().network());
    }

    private void awaitEnd(Process process) throws Exception {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log().toPath())).isZero();
    }

    @Test
    void a_command_that_is_killed_is_resumed_from_its_folder_on_the_cluster_and_ends_as_on_threads() throws Exception {
        Path folder = directory.resolve("killed");
        Path checkpoint = folder.resolve("checkpoint.json");
        Process driver = optimize(folder, "--master", cluster.url());
        while (driver.isAlive() && (!Files.isRegularFile(checkpoint) || reached(folder) < 2)) {
            Thread.sleep(100);
        }
        assertThat(driver.isAlive()).as(Files.readString(log().toPath())).isTrue();
        driver.destroyForcibly();
        assertThat(driver.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(RunFolder.open(folder).settings().execution()).isEqualTo(SparkExecution.on(cluster.url()));
        awaitEnd(command("resume", folder.toString()));
        Path whole = directory.resolve("whole");
        awaitEnd(optimize(whole));
        assertThat(found(folder)).isEqualTo(found(whole));
    }

    private static int reached(Path folder) {
        return RunFolder.open(folder).state().history().size();
    }
}
