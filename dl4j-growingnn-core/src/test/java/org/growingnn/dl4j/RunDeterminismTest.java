package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddSequential;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.search.GreedySearch;
import org.growingnn.dl4j.search.MonteCarloTreeSearch;
import org.growingnn.dl4j.search.RandomSearch;
import org.growingnn.dl4j.search.SearchStrategy;
import org.growingnn.dl4j.search.SuccessiveHalving;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;

/** Same seed, same result: whatever the workers, the caller's random numbers, other runs, and the process. */
class RunDeterminismTest {

    @TempDir
    private Path directory;

    /** A network that drops units in training, so that every random number counts. */
    static ComputationGraph dropoutNetwork() {
        return Dl4jGraphs.toComputationGraph(Dl4jGraphs.read(RunFolderTest.model()));
    }

    static StructureOptimizer.Builder optimizer() {
        return StructureOptimizer.builder()
                .epochsPerGeneration(1)
                .train(TestData.clouds(300, 30, 1))
                .generations(2)
                .batchesPerEpoch(7)
                .maxDrop(0.2)
                .actions(Actions.neurons().remove(0.1, 0.5).add(1.5))
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .search(GreedySearch.create())
                .fineTuneEpochs(1)
                .seed(5);
    }

    private static String bits(ComputationGraph model) {
        return model.params().toStringFull()
                + model.getUpdater().getStateViewArray().toStringFull();
    }

    @Test
    void any_number_of_workers_and_any_random_state_of_the_caller_give_the_same_bits_with_every_strategy() {
        ComputationGraph model = dropoutNetwork();
        for (SearchStrategy strategy : List.of(
                GreedySearch.create(),
                MonteCarloTreeSearch.builder().maxEvaluations(14).build(),
                MonteCarloTreeSearch.builder()
                        .maxEvaluations(12)
                        .puct(0.1)
                        .progressiveWidening(2, 0.5)
                        .build(),
                SuccessiveHalving.create(),
                new RandomSearch())) {
            List<String> results = new ArrayList<>();
            for (int workers = 1; workers <= 2; workers++) {
                Nd4j.getRandom().setSeed(1000 + workers);
                results.add(bits(optimizer()
                        .search(strategy)
                        .workers(workers)
                        .build()
                        .optimize(model)
                        .graph()));
            }
            assertThat(results.get(1)).as("%s", strategy).isEqualTo(results.get(0));
        }
    }

    @Test
    void the_callers_random_numbers_go_on_as_if_there_had_been_no_run() {
        ComputationGraph model = dropoutNetwork();
        Nd4j.getRandom().setSeed(99);
        Nd4j.rand(3);
        String expected = Nd4j.rand(5).toString() + Nd4j.getRandom().nextInt();
        Nd4j.getRandom().setSeed(99);
        Nd4j.rand(3);
        optimizer().generations(1).build().optimize(model);
        assertThat(Nd4j.rand(5).toString() + Nd4j.getRandom().nextInt()).isEqualTo(expected);
    }

    /** ND4J takes 0 for a seed of its own choice, which a run's seeds must not turn into. */
    @Test
    void seeds_around_zero_are_seeds_like_any_other() {
        ComputationGraph model = dropoutNetwork();
        for (long seed : new long[] {-2, -1, 0, 1}) {
            List<String> results = new ArrayList<>();
            for (int time = 0; time < 2; time++) {
                results.add(bits(optimizer().seed(seed).build().optimize(model).graph()));
            }
            assertThat(results.get(1)).as("seed %d", seed).isEqualTo(results.get(0));
        }
    }

    @Test
    void two_runs_at_once_equal_those_run_alone() throws Exception {
        int threads = Nd4j.factory().blas().getMaxThreads();
        Nd4j.factory().blas().setMaxThreads(2);
        ComputationGraph model = dropoutNetwork();
        try {
            List<String> alone = new ArrayList<>();
            for (long seed = 1; seed <= 2; seed++) {
                alone.add(bits(optimizer().seed(seed).build().optimize(model).graph()));
            }
            ExecutorService callers = Executors.newFixedThreadPool(2);
            try {
                List<Future<String>> together = new ArrayList<>();
                for (long seed = 1; seed <= 2; seed++) {
                    long own = seed;
                    together.add(callers.submit(() ->
                            bits(optimizer().seed(own).build().optimize(model).graph())));
                }
                for (int i = 0; i < 2; i++) {
                    assertThat(together.get(i).get()).isEqualTo(alone.get(i));
                }
            } finally {
                callers.shutdownNow();
                assertThat(callers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            }
            assertThat(Nd4j.factory().blas().getMaxThreads()).isEqualTo(2);
        } finally {
            Nd4j.factory().blas().setMaxThreads(threads);
        }
    }

    @Test
    void a_run_that_goes_on_from_any_of_its_states_ends_like_one_that_never_stopped() {
        ComputationGraph model = dropoutNetwork();
        List<RunState> states = new ArrayList<>();
        OptimizationResult whole = optimizer()
                .distillation(2, 0.5)
                .initialEpochs(1)
                .listener(event -> {
                    if (event instanceof RunEvent.StateReached reached) {
                        states.add(reached.state());
                    }
                })
                .build()
                .optimize(model);
        assertThat(states)
                .extracting(RunState::phase)
                .startsWith(RunState.Phase.INITIAL_TRAINING)
                .endsWith(RunState.Phase.ENDED);
        for (RunState state : states) {
            OptimizationResult resumed =
                    optimizer().distillation(2, 0.5).initialEpochs(1).build().resume(model, state);
            assertThat(bits(resumed.graph())).as("from %s", state.phase()).isEqualTo(bits(whole.graph()));
            assertThat(resumed.actions()).isEqualTo(whole.actions());
            assertThat(resumed.history()).hasSameSizeAs(whole.history());
        }
    }

    @Test
    void a_run_that_was_cancelled_before_anything_was_measured_can_be_taken_up() {
        ComputationGraph model = dropoutNetwork();
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("later");
        OptimizationResult cancelled = optimizer().initialEpochs(1).build().optimize(model, cancellation);
        assertThat(cancelled.outcome().state().phase()).isEqualTo(RunState.Phase.UNMEASURED);
        OptimizationResult resumed = optimizer()
                .initialEpochs(1)
                .build()
                .resume(model, cancelled.outcome().state());
        OptimizationResult whole = optimizer().initialEpochs(1).build().optimize(model);
        assertThat(bits(resumed.graph())).isEqualTo(bits(whole.graph()));
        assertThat(resumed.history()).hasSameSizeAs(whole.history());
    }

    @Test
    void a_state_of_a_run_of_another_model_is_refused() {
        OptimizationResult result = optimizer().generations(1).build().optimize(dropoutNetwork());
        assertThatThrownBy(() -> optimizer()
                        .build()
                        .resume(result.graph(), result.outcome().state()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another model");
    }

    @Test
    void a_state_of_a_run_with_another_word_on_frozen_layers_is_refused() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(2)
                .list()
                .layer(new FrozenLayer(new DenseLayer.Builder().nOut(8).build()))
                .layer(new DenseLayer.Builder().nOut(8).build())
                .layer(new OutputLayer.Builder()
                        .nOut(TestData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(TestData.FEATURES))
                .build());
        model.init();
        for (boolean pruned : new boolean[] {false, true}) {
            StructureOptimizer.Builder builder = optimizer().generations(1).pruneFrozenLayers(pruned);
            OptimizationResult result = builder.build().optimize(model);
            RunState state = result.outcome().state();
            assertThat(builder.build().resume(model, state).graph().params())
                    .isEqualTo(result.graph().params());
            StructureOptimizer other = builder.pruneFrozenLayers(!pruned).build();
            assertThatThrownBy(() -> other.resume(model, state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("layer0", "pruneFrozenLayers", "\nMaybe");
        }
    }

    @Test
    void networks_that_differ_in_the_activation_of_an_added_layer_are_not_the_same_candidate() {
        NetworkGraph graph = Dl4jGraphs.read(TestData.trainedGraph());
        List<ContentHash> hashes = new ArrayList<>();
        for (String activation : List.of("tanh", "sigmoid", "tanh")) {
            hashes.add(ContentHash.of(
                    new AddSequential("layer0", "layer1", activation).apply(graph, Projections.pseudoInverse())));
        }
        assertThat(hashes.get(1)).isNotEqualTo(hashes.get(0));
        assertThat(hashes.get(2)).isEqualTo(hashes.get(0));
    }

    /** Prints the bits of a run's result, for another process to compare. */
    public static void main(String[] arguments) throws Exception {
        Files.writeString(
                Path.of(arguments[0]),
                bits(optimizer()
                        .search(MonteCarloTreeSearch.builder()
                                .maxEvaluations(10)
                                .build())
                        .build()
                        .optimize(dropoutNetwork())
                        .graph()));
    }

    @Test
    void another_process_gives_the_same_bits() throws Exception {
        Path here = directory.resolve("here.txt");
        Path there = directory.resolve("there.txt");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                RunDeterminismTest.class.getName(),
                there.toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        File log = directory.resolve("log.txt").toFile();
        Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
        main(new String[] {here.toString()});
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("finished").isTrue();
        assertThat(process.exitValue()).as(Files.readString(log.toPath())).isZero();
        assertThat(Files.readString(there)).isEqualTo(Files.readString(here));
    }
}
