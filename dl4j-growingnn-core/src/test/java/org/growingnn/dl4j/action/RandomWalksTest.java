package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.core.util.ModelGuesser;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Dl4jGraphs;
import org.growingnn.dl4j.action.AddResidual.Start;
import org.growingnn.dl4j.data.TrainingData;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkMeasures;
import org.growingnn.dl4j.projection.Criteria;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.training.Calibrator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Long sequences of actions of all kinds leave a network that Deeplearning4j builds, runs and fits at every step. */
class RandomWalksTest {

    private static final int STEPS = 200;

    /** Steps of larger models take longer. */
    private static final int STEPS_OF_TRAINED = 60;

    /** Beyond this, a walk only shrinks: growing further would cost time and show nothing new. */
    private static final long SMALL = 8_000;

    private static final List<Projection> PROJECTIONS = List.of(
            Projections.paper(),
            Projections.pseudoInverse(),
            Projections.replication(),
            Projections.importance(),
            Projections.refitted(Projections.selection(Criteria.taylor())),
            Projections.refitted(Projections.clusters()),
            Projections.similarityArea());

    private static final Map<String, Integer> TAKEN = new TreeMap<>();

    static IntStream seeds() {
        return IntStream.rangeClosed(1, 4);
    }

    static IntStream more_seeds() {
        return IntStream.rangeClosed(5, 80);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void every_step_of_a_random_walk_gives_a_network_that_trains_and_can_be_replayed(int seed) {
        walk(seed);
    }

    @ParameterizedTest
    @MethodSource("more_seeds")
    @Tag("long")
    void so_does_every_step_of_many_more_walks(int seed) {
        walk(seed);
    }

    private static void walk(int seed) {
        RandomNetwork network = RandomNetworks.graph(seed);
        walk(network.read(), network.batch(1), SMALL, STEPS, seed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "rescnn", "lstm"})
    void so_does_a_walk_from_a_trained_model(String name) throws Exception {
        walk(name);
    }

    /** Its steps take long. */
    @Test
    @Tag("long")
    void so_does_a_walk_from_a_trained_lenet() throws Exception {
        walk("lenet");
    }

    private static void walk(String name) throws Exception {
        File file = Path.of(System.getProperty("growingnn.repository"), "src-test-models", name, "model.zip")
                .toFile();
        Model model = ModelGuesser.loadModelGuess(file.getPath());
        boolean series = name.equals("lstm");
        INDArray features = series ? Nd4j.rand(4, 28, 28) : Nd4j.rand(4, 784);
        INDArray labels = Nd4j.eye(10).getRows(1, 2, 3, 4);
        InputType type = series ? InputType.recurrent(28, 28) : InputType.convolutionalFlat(28, 28, 1);
        NetworkGraph start = Dl4jGraphs.read(model, type);
        walk(start, new MultiDataSet(features, labels), start.parameterCount() / 2, STEPS_OF_TRAINED, name.hashCode());
    }

    private static void walk(NetworkGraph uncalibrated, MultiDataSet batch, long large, int steps, long seed) {
        NetworkGraph start = new Calibrator(1, 512).calibrate(uncalibrated, TrainingData.of(List.of(batch)));
        Random random = new Random(seed);
        Projection projection = PROJECTIONS.get((int) Math.floorMod(seed, (long) PROJECTIONS.size()));
        List<StructuralAction> journal = new ArrayList<>();
        List<String> structures = new ArrayList<>(List.of(start.structureHash()));
        NetworkGraph current = start;
        double[] outputs = assertTrains(start, batch, "seed " + seed);
        for (int step = 1; step <= steps; step++) {
            StructuralAction action = choose(current, NetworkMeasures.depth(start), large, random);
            String description = "seed " + seed + ", step " + step + ", " + action;
            boolean preserves = action.preservesFunction(current, projection);
            NetworkGraph changed = action.apply(current, projection);
            double[] next = assertTrains(changed, batch, description);
            if (preserves) {
                assertClose(next, outputs, description, current, batch);
            }
            journal.add(action);
            structures.add(changed.structureHash());
            current = changed;
            outputs = next;
        }
        for (int undone : new int[] {1, 1 + random.nextInt(steps), steps}) {
            List<StructuralAction> prefix = journal.subList(0, steps - undone);
            List<StructuralAction> read =
                    prefix.stream().map(Actions::toJson).map(Actions::fromJson).toList();
            assertThat(Actions.replay(start, read, projection).structureHash())
                    .as("seed " + seed + " without its last " + undone + " actions")
                    .isEqualTo(structures.get(steps - undone));
        }
        journal.forEach(action -> TAKEN.merge(action.getClass().getSimpleName(), 1, Integer::sum));
    }

    @AfterAll
    static void all_kinds_of_actions_were_taken() {
        assertThat(TAKEN.keySet())
                .contains(
                        "RemoveNeurons",
                        "AddNeurons",
                        "AddSequential",
                        "AddResidual",
                        "RemoveLayer",
                        "RemoveBranch",
                        "PruneGlobally",
                        "RemoveInputs");
    }

    /** Chooses a kind first, because otherwise residual layers would crowd out everything else. */
    private static StructuralAction choose(NetworkGraph graph, int initialDepth, long limit, Random random) {
        LayerActions layers = Actions.layers()
                .residualStarts(Start.values())
                .maximumParameters(limit)
                .maximumDepth(initialDepth + 6);
        List<ActionGenerator> kinds =
                new ArrayList<>(List.of(Actions.neurons().add(), Actions.global(), Actions.inputs()));
        Stream.of(LayerActions.Kind.values()).map(layers::only).forEach(kinds::add);
        if (graph.parameterCount() <= limit) {
            kinds.add(Actions.neurons().remove());
        }
        Collections.shuffle(kinds, random);
        return kinds.stream()
                .map(kind -> kind.generate(graph).toList())
                .filter(actions -> !actions.isEmpty())
                .findFirst()
                .map(actions -> actions.get(random.nextInt(actions.size())))
                .orElse(Actions.noOp());
    }

    /** Builds, runs and fits a network, and gives its outputs. */
    private static double[] assertTrains(NetworkGraph graph, MultiDataSet batch, String description) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(graph);
        try {
            assertThat(model.numParams()).as(description).isEqualTo(graph.parameterCount());
            INDArray[] outputs = Models.outputs(model, batch.getFeatures());
            assertThat(Stream.of(outputs).map(INDArray::shape).map(Arrays::toString))
                    .as(description)
                    .containsExactlyElementsOf(Stream.of(batch.getLabels())
                            .map(INDArray::shape)
                            .map(Arrays::toString)
                            .toList());
            double[] values = Stream.of(outputs)
                    .flatMapToDouble(output -> Arrays.stream(Models.values(output)))
                    .toArray();
            Models.fit(model, batch, 1);
            return values;
        } catch (RuntimeException e) {
            throw new AssertionError(description + "\n" + graph.describe(), e);
        } finally {
            model.params().close();
        }
    }

    private static void assertClose(
            double[] actual, double[] expected, String description, NetworkGraph before, MultiDataSet batch) {
        // A walk may have driven activations far out, where single precision keeps fewer digits of the outputs.
        double tolerance = Weights.isDouble(before) ? 1e-8 : 2e-2;
        double difference = difference(actual, expected);
        if (difference >= tolerance) {
            assertThat(difference)
                    .as(() -> description + "\n" + before.describe())
                    .isLessThan(10 * movedByRounding(before, batch, expected));
        }
    }

    /** Layer normalization of equal units, for one, gives whatever rounding left of their differences. */
    private static double movedByRounding(NetworkGraph graph, MultiDataSet batch, double[] expected) {
        ComputationGraph model = Dl4jGraphs.toComputationGraph(graph);
        INDArray parameters = model.params();
        double digits = Weights.isDouble(graph) ? 1e-13 : 1e-5;
        parameters.muli(Nd4j.rand(parameters.dataType(), parameters.shape())
                .muli(digits)
                .addi(1));
        return difference(outputs(model, batch), expected);
    }

    private static double[] outputs(ComputationGraph model, MultiDataSet batch) {
        return Stream.of(Models.outputs(model, batch.getFeatures()))
                .flatMapToDouble(output -> Arrays.stream(Models.values(output)))
                .toArray();
    }

    /** The largest difference relative to the largest expected value. */
    private static double difference(double[] actual, double[] expected) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length)
                        .mapToDouble(i -> Math.abs(actual[i] - expected[i]))
                        .max()
                        .orElse(0)
                / Math.max(scale, 1e-6);
    }
}
