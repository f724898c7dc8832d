package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.NoOp;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.folder.RunFolder;
import org.growingnn.dl4j.graph.ContentHash;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.run.Generation;
import org.growingnn.dl4j.run.Outcome;
import org.growingnn.dl4j.run.ParetoArchive;
import org.growingnn.dl4j.run.Recipe;
import org.growingnn.dl4j.run.RunEvent;
import org.growingnn.dl4j.run.RunListener;
import org.growingnn.dl4j.run.RunState;
import org.growingnn.dl4j.run.Stopper;
import org.growingnn.dl4j.run.Stoppers;
import org.growingnn.dl4j.search.Cancellation;
import org.growingnn.dl4j.training.Calibrator;
import org.growingnn.dl4j.training.SimulationSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Runs that are stopped, resumed and continued from what is in their folder. */
class RunFolderTest {

    @TempDir
    private Path directory;

    /** A network that drops units in training, so that every random number counts. */
    static MultiLayerNetwork model() {
        MultiLayerNetwork model = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nOut(24).dropOut(0.8).build())
                .layer(new DenseLayer.Builder().nOut(16).dropOut(0.7).build())
                .layer(new OutputLayer.Builder()
                        .nOut(TestData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.feedForward(TestData.FEATURES))
                .build());
        model.init();
        Nd4j.getRandom().setSeed(1);
        for (int epoch = 0; epoch < 4; epoch++) {
            model.fit(TestData.clouds(300, 30, 1));
        }
        return model;
    }

    static StructureOptimizer.Builder optimizer(int generations) {
        return StructureOptimizer.builder()
                .train(TestData.clouds(300, 30, 1))
                .generations(generations)
                .epochsPerGeneration(1)
                .batchesPerEpoch(7)
                .maxDrop(0.2)
                .actions(Actions.neurons().remove(0.1, 0.5).add(1.5))
                .simulation(new SimulationSettings(60, 0.5, 1, 15))
                .fineTuneEpochs(1)
                .workers(2)
                .deterministic()
                .seed(5);
    }

    static String bits(OptimizationResult result) {
        return ContentHash.of(result.network()) + " " + result.lineage() + " " + result.actions();
    }

    private static RunListener stopping(Cancellation cancellation, int states) {
        AtomicInteger reached = new AtomicInteger();
        return event -> {
            if (event instanceof RunEvent.StateReached && reached.incrementAndGet() == states) {
                cancellation.cancel("enough");
            }
        };
    }

    @Test
    void a_run_that_is_stopped_anywhere_and_resumed_from_its_folder_ends_like_one_that_never_stopped() {
        MultiLayerNetwork model = model();
        OptimizationResult whole = optimizer(3).build().optimize(model);
        for (int states = 1; states <= 4; states++) {
            RunFolder folder = RunFolder.create(directory.resolve("stopped-" + states));
            Cancellation cancellation = new Cancellation();
            OptimizationResult stopped = optimizer(3)
                    .folder(folder)
                    .listener(stopping(cancellation, states))
                    .build()
                    .optimize(model, cancellation);
            assertThat(stopped.status()).isEqualTo(Outcome.Status.CANCELLED);

            RunFolder opened = RunFolder.open(folder.path());
            OptimizationResult resumed = StructureOptimizer.builder()
                    .settings(opened.settings())
                    .train(TestData.clouds(300, 30, 1))
                    .build()
                    .resume(opened, Cancellation.never());

            assertThat(bits(resumed)).as("behind %d states", states).isEqualTo(bits(whole));
            assertThat(resumed.history()).hasSameSizeAs(whole.history());
            assertThat(resumed.pareto()).hasSameSizeAs(whole.pareto());
            assertThat(resumed.multiLayerNetwork().params())
                    .isEqualTo(whole.multiLayerNetwork().params());
        }
    }

    @Test
    void a_run_that_is_over_stays_so_when_it_is_resumed_and_goes_on_to_another_target() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult first = optimizer(2).folder(folder).build().optimize(model());
        OptimizationResult same = optimizer(2).build().resume(folder, Cancellation.never());
        assertThat(bits(same)).isEqualTo(bits(first));
        assertThat(same.history()).hasSameSizeAs(first.history());

        OptimizationResult further = optimizer(20)
                .maxDrop(0.5)
                .stopWhen(Stoppers.reduction(0.7))
                .build()
                .proceed(folder, Cancellation.never());

        assertThat(further.history().size()).isGreaterThan(first.history().size());
        assertThat(further.reduction()).isGreaterThanOrEqualTo(0.7);
        assertThat(further.initialParameters()).isEqualTo(first.initialParameters());
        assertThat(folder.settings().generations()).isEqualTo(20);
    }

    @Test
    void trainings_of_results_are_no_generations_of_search_and_not_repeated_where_nothing_came_between() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        optimizer(2).folder(folder).build().optimize(model());
        OptimizationResult further = optimizer(3).build().proceed(folder, Cancellation.never());
        assertThat(further.outcome().state().searched()).isEqualTo(3);
        assertThat(further.outcome().state().finalTrainings()).containsExactly(3, 5);

        OptimizationResult again = optimizer(3).build().proceed(folder, Cancellation.never());
        assertThat(again.history()).isEqualTo(further.history());
        assertThat(bits(again)).isEqualTo(bits(further));
    }

    @Test
    void a_goal_that_was_reached_stays_so_where_the_training_behind_it_was_taken_back() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        // A training without a change does not reach it.
        Stopper changed = history -> {
            Generation last = history.get(history.size() - 1);
            return last.accepted() && last.action().isPresent() && last.reduction() >= 0.3
                    ? Stopper.Verdict.GOAL_REACHED
                    : Stopper.Verdict.CONTINUE;
        };
        OptimizationResult first = optimizer(6)
                .maxDrop(0.9)
                .stopWhen(changed)
                .folder(folder)
                .build()
                .optimize(model());
        assertThat(first.history()).as("the premise").last().matches(generation -> !generation.accepted());
        assertThat(first.status()).isEqualTo(Outcome.Status.STOPPED);

        OptimizationResult again =
                optimizer(6).maxDrop(0.9).stopWhen(changed).build().proceed(folder, Cancellation.never());

        assertThat(again.history()).isEqualTo(first.history());
        assertThat(again.outcome().reason()).contains("the goal was reached");
        assertThat(bits(again)).isEqualTo(bits(first));
    }

    @Test
    void a_run_that_ends_right_behind_its_way_to_another_target_resumes_to_that_one() {
        List<OptimizationResult> results = new ArrayList<>();
        for (boolean ends : List.of(false, true)) {
            RunFolder folder = RunFolder.create(directory.resolve("run-" + ends));
            optimizer(1).folder(folder).build().optimize(model());
            Cancellation cancellation = new Cancellation();
            OptimizationResult further = optimizer(2)
                    .listener(event -> {
                        if (ends && event instanceof RunEvent.RunStarted) {
                            cancellation.cancel("enough");
                        }
                    })
                    .build()
                    .proceed(folder, cancellation);
            results.add(
                    ends
                            ? StructureOptimizer.builder()
                                    .settings(folder.settings())
                                    .train(TestData.clouds(300, 30, 1))
                                    .build()
                                    .resume(folder, Cancellation.never())
                            : further);
        }
        assertThat(results.get(1).outcome().state().searched()).isEqualTo(2);
        assertThat(bits(results.get(1))).isEqualTo(bits(results.get(0)));
    }

    @Test
    void resuming_a_run_that_is_over_leaves_the_settings_that_it_ended_with() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        optimizer(1).folder(folder).build().optimize(model());
        optimizer(5).build().resume(folder, Cancellation.never());
        assertThat(folder.settings().generations()).isEqualTo(1);
    }

    @Test
    void texts_beside_a_run_are_kept_with_it_and_never_in_place_of_its_own_files() throws IOException {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        optimizer(1)
                .folder(folder)
                .listener(event -> folder.keep("notes.txt", event.getClass().getSimpleName()))
                .build()
                .optimize(model());
        assertThat(folder.path().resolve("notes.txt")).hasContent("RunEnded");
        for (String name : List.of("checkpoint.json", RunFolder.BEST, "CHECKPOINT.json", "other/notes.txt", "..", "")) {
            assertThatThrownBy(() -> folder.keep(name, "text"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + name + "'");
        }
        assertThat(folder.state().history()).hasSizeGreaterThan(1);
    }

    @Test
    void models_in_the_folder_are_plain_ones_with_their_updaters() throws IOException {
        MultiLayerNetwork model = model();
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result = optimizer(3).folder(folder).build().optimize(model);

        Model best = ModelSerializer.restoreMultiLayerNetwork(
                folder.path().resolve(RunFolder.BEST).toFile(), true);
        Model initial = ModelSerializer.restoreMultiLayerNetwork(
                folder.path().resolve(RunFolder.INITIAL).toFile(), true);

        assertThat(best.params()).isEqualTo(result.multiLayerNetwork().params());
        assertThat(((MultiLayerNetwork) best).getUpdater().getStateViewArray())
                .isEqualTo(result.multiLayerNetwork().getUpdater().getStateViewArray());
        assertThat(initial.params()).isEqualTo(model.params());
        try (Stream<Path> pareto = Files.list(folder.path().resolve(RunFolder.PARETO))) {
            assertThat(pareto).hasSameSizeAs(result.pareto());
        }
    }

    @Test
    void a_normaliser_in_the_zip_of_the_model_is_in_those_of_the_run_too() throws Exception {
        NormalizerStandardize normalizer = new NormalizerStandardize();
        normalizer.fit(TestData.clouds(300, 30, 1));
        File given = directory.resolve("given.zip").toFile();
        ModelSerializer.writeModel(model(), given, true);
        ModelSerializer.addNormalizerToModel(given, normalizer);
        byte[] entry;
        try (ZipFile zip = new ZipFile(given)) {
            entry = zip.getInputStream(zip.getEntry("normalizer.bin")).readAllBytes();
        }
        RunFolder folder = RunFolder.create(directory.resolve("run")).carrying(Map.of("normalizer.bin", entry));
        optimizer(1).folder(folder).build().optimize(model());
        Files.delete(folder.path().resolve(RunFolder.BEST));

        optimizer(4).build().proceed(RunFolder.open(folder.path()), Cancellation.never());

        for (String name : List.of(RunFolder.INITIAL, RunFolder.BEST)) {
            File file = folder.path().resolve(name).toFile();
            assertThat(ModelSerializer.<NormalizerStandardize>restoreNormalizerFromFile(file))
                    .isEqualTo(normalizer);
            assertThat(ModelSerializer.restoreMultiLayerNetwork(file).getnLayers())
                    .isEqualTo(3);
        }
    }

    @Test
    void the_recipe_leads_another_copy_of_the_model_to_the_same_structure() throws IOException {
        MultiLayerNetwork model = model();
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result = optimizer(3).folder(folder).build().optimize(model);

        Recipe recipe = Recipe.fromJson(Files.readString(folder.path().resolve(RunFolder.RECIPE)));

        assertThat(recipe).isEqualTo(Recipe.of(result.journal()));
        assertThat(recipe.changes()).isNotEmpty();
        NetworkGraph calibrated =
                new Calibrator(1).calibrate(Dl4jGraphs.read(model), TrainingData.of(TestData.clouds(300, 30, 1)));
        assertThat(recipe.apply(calibrated).structureHash())
                .isEqualTo(result.network().structureHash());
        assertThatThrownBy(() -> recipe.apply(Dl4jGraphs.read(TestData.trainedGraph())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Action 1 of", "does not apply");
    }

    @Test
    void events_tell_the_whole_run_and_a_torn_line_is_left_behind() throws IOException {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result = optimizer(2).folder(folder).build().optimize(model());
        Path events = folder.path().resolve(RunFolder.EVENTS);
        ObjectMapper mapper = new ObjectMapper();
        List<String> kinds = new ArrayList<>();
        int generations = 0;
        for (String line : Files.readAllLines(events)) {
            JsonNode event = mapper.readTree(line);
            kinds.add(event.get("event").asText());
            if (event.get("event").asText().equals("generation")) {
                assertThat(event.get("number").asInt()).isEqualTo(generations);
                assertThat(event.get("costs").get("parameters").asLong())
                        .isEqualTo(result.history().get(generations).parameters());
                generations++;
            }
        }
        assertThat(kinds).startsWith("run-started").endsWith("ended").contains("forecast", "candidate", "search");
        assertThat(generations).isEqualTo(result.history().size());

        Files.writeString(events, "{\"event\":\"cand", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        optimizer(2).build().resume(folder, Cancellation.never());
        List<String> lines = Files.readAllLines(events);
        assertThat(lines.get(kinds.size())).isEqualTo("{\"event\":\"cand");
        assertThat(lines.get(kinds.size() + 1)).contains("run-resumed");
    }

    @Test
    void a_folder_that_cannot_be_written_any_more_ends_the_run_with_the_reason_and_the_last_checkpoint_is_whole()
            throws IOException {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        Path best = folder.path().resolve(RunFolder.BEST + ".tmp");
        AtomicInteger reached = new AtomicInteger();
        OptimizationResult result = optimizer(5)
                .maxDrop(0.9)
                .folder(folder)
                .listener(event -> {
                    if (event instanceof RunEvent.StateReached && reached.incrementAndGet() == 2) {
                        // Nobody can write a file where a folder is.
                        best.toFile().mkdir();
                        best.resolve("something").toFile().mkdir();
                    }
                })
                .build()
                .optimize(model());

        assertThat(result.status()).isEqualTo(Outcome.Status.CANCELLED);
        assertThat(result.outcome().reason()).contains("cannot be written", "resume", folder.toString());
        assertThat(result.history()).hasSizeLessThan(6);
        assertThat(folder.state().history().size())
                .isBetween(2, result.history().size());

        Files.delete(best.resolve("something"));
        Files.delete(best);
        OptimizationResult resumed = optimizer(5).maxDrop(0.9).build().resume(folder, Cancellation.never());
        assertThat(bits(resumed))
                .isEqualTo(bits(optimizer(5).maxDrop(0.9).build().optimize(model())));
    }

    @Test
    void an_action_that_cannot_be_written_down_ends_the_run_with_the_reason() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result = optimizer(3)
                .actions(network -> Stream.of(new NoOp(), new OwnAction()))
                .folder(folder)
                .build()
                .optimize(model());
        assertThat(result.status()).isEqualTo(Outcome.Status.CANCELLED);
        assertThat(result.outcome().reason()).contains("OwnAction", "remove-neurons");
        assertThat(folder.state().phase()).isEqualTo(RunState.Phase.GENERATIONS);
    }

    /** What a program may have without naming it anywhere. */
    private record OwnAction() implements StructuralAction {

        @Override
        public NetworkGraph apply(NetworkGraph graph, Projection projection) {
            return Actions.removeNeurons(graph.space("layer0"), 0.1).apply(graph, projection);
        }

        @Override
        public boolean preservesFunction(NetworkGraph graph, Projection projection) {
            return false;
        }
    }

    @Test
    void what_is_no_run_or_damaged_is_refused_with_the_file() throws IOException {
        Path run = directory.resolve("run");
        assertThatThrownBy(() -> RunFolder.open(run))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(run.toString(), "holds no run", "\nMaybe");
        RunFolder folder = RunFolder.create(run);
        optimizer(1).folder(folder).build().optimize(model());
        assertThatThrownBy(() -> RunFolder.create(run))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(run.toString(), "must be empty", "\nMaybe");
        assertThatThrownBy(() -> optimizer(1).folder(folder).build().optimize(model()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("already", "resume");

        Path checkpoint = run.resolve("checkpoint.json");
        String whole = Files.readString(checkpoint);
        Files.writeString(checkpoint, whole.replaceFirst("\"format\" : \\d+", "\"format\" : 99"));
        assertRefused(folder, "99");
        Files.writeString(checkpoint, whole.substring(0, whole.length() / 2));
        assertRefused(folder, checkpoint.toString());
        Files.writeString(checkpoint, whole);

        Path network;
        try (Stream<Path> networks = Files.list(run.resolve("networks"))) {
            network = networks.sorted().findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(network);
        bytes[bytes.length - 20] ^= 1;
        Files.write(network, bytes);
        assertRefused(folder, network.getFileName().toString());
    }

    private static void assertRefused(RunFolder folder, String what) {
        assertThatThrownBy(folder::state)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("checkpoint.json", what, "plain Deeplearning4j models");
    }

    @Test
    void only_one_run_writes_to_a_folder() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        List<Throwable> refusals = new ArrayList<>();
        ComputationGraph model = TestData.trainedGraph();
        optimizer(1)
                .folder(folder)
                .listener(event -> {
                    if (event instanceof RunEvent.SearchEnded) {
                        try {
                            optimizer(1).build().resume(folder, Cancellation.never());
                        } catch (IllegalStateException e) {
                            refusals.add(e);
                        }
                    }
                })
                .build()
                .optimize(model);
        assertThat(refusals)
                .singleElement()
                .satisfies(e ->
                        assertThat(e).hasMessageContainingAll("Another run is writing", folder.toString(), "\nMaybe"));
    }

    @Test
    void a_folder_whose_run_was_refused_can_be_used_again() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        assertThatThrownBy(() -> StructureOptimizer.builder()
                        .train(TestData.clouds(0, 30, 1))
                        .folder(folder)
                        .build()
                        .optimize(model()))
                .isInstanceOf(IllegalArgumentException.class);
        optimizer(1).folder(RunFolder.create(folder.path())).build().optimize(model());
        assertThat(folder.hasBegun()).isTrue();
    }

    @Test
    void generation_0_behind_the_initial_epochs_takes_the_place_of_the_given_model() throws IOException {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result =
                optimizer(1).initialEpochs(2).folder(folder).build().optimize(model());
        for (ParetoArchive.Entry entry : result.pareto()) {
            File file = folder.path()
                    .resolve(String.format("%s/generation-%03d.zip", RunFolder.PARETO, entry.generation()))
                    .toFile();
            assertThat(ModelSerializer.restoreMultiLayerNetwork(file).params())
                    .isEqualTo(entry.graph().params());
        }
    }

    @Test
    void networks_of_equal_content_are_one_file() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result = optimizer(2)
                .epochsPerGeneration(0)
                .fineTuneEpochs(0)
                .actions(network -> Stream.of(new NoOp()))
                .simulation(new SimulationSettings(60, 0.5, 0, 15))
                .folder(folder)
                .build()
                .optimize(model());
        assertThat(result.status()).as(result.outcome().reason()).isEqualTo(Outcome.Status.FINISHED);
        assertThat(folder.state().history()).hasSameSizeAs(result.history());
    }

    @Test
    void an_interrupt_while_a_state_is_saved_ends_the_run_and_the_state_is_saved() {
        MultiLayerNetwork model = model();
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        OptimizationResult result;
        try {
            result = optimizer(4)
                    .maxDrop(0.9)
                    .folder(folder)
                    .listener(event -> {
                        // The folder hears of the state behind this event.
                        if (event instanceof RunEvent.GenerationEnded ended
                                && ended.generation().number() == 1) {
                            Thread.currentThread().interrupt();
                        }
                    })
                    .build()
                    .optimize(model);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(result.status()).isEqualTo(Outcome.Status.CANCELLED);
        assertThat(result.outcome().reason()).contains("interrupted");
        assertThat(folder.state().history()).hasSameSizeAs(result.history()).hasSize(2);
    }

    @Test
    void a_last_state_that_cannot_be_saved_is_told_by_the_outcome() {
        RunFolder folder = RunFolder.create(directory.resolve("run"));
        Path best = folder.path().resolve("checkpoint.json.tmp");
        OptimizationResult result = optimizer(1)
                .folder(folder)
                .listener(event -> {
                    if (event instanceof RunEvent.GenerationEnded ended
                            && ended.generation().number() == 2) {
                        best.toFile().mkdir();
                    }
                })
                .build()
                .optimize(model());
        assertThat(result.status()).isEqualTo(Outcome.Status.CANCELLED);
        assertThat(result.outcome().reason()).contains("cannot be written");
        assertThat(result.history()).hasSize(3);
    }

    @Test
    void entries_in_folders_of_the_zip_are_carried_too() throws IOException {
        byte[] content = {1, 2, 3};
        RunFolder folder = RunFolder.create(directory.resolve("run")).carrying(Map.of("objects/labels", content));
        optimizer(1).folder(folder).build().optimize(model());
        try (ZipFile zip = new ZipFile(folder.path().resolve(RunFolder.BEST).toFile())) {
            assertThat(zip.getInputStream(zip.getEntry("objects/labels")).readAllBytes())
                    .isEqualTo(content);
        }
        optimizer(2).build().proceed(RunFolder.open(folder.path()), Cancellation.never());
    }
}
