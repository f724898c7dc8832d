package org.growingnn.dl4j.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Long sequences of actions of all kinds leave a network that Deeplearning4j builds, runs and fits at every step. */
class RandomWalksTest {

    private static final int STEPS = 200;

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
        return IntStream.rangeClosed(1, 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void every_step_of_a_random_walk_gives_a_network_that_trains_and_can_be_replayed(int seed) {
        RandomNetwork network = RandomNetworks.graph(seed);
        walk(network.read(), network.batch(1), SMALL, seed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "lenet", "rescnn", "lstm"})
    void so_does_a_walk_from_a_trained_model(String name) throws Exception {
        File file = Path.of(System.getProperty("growingnn.repository"), "src-test-models", name, "model.zip")
                .toFile();
        Model model = ModelGuesser.loadModelGuess(file.getPath());
        boolean series = name.equals("lstm");
        INDArray features = series ? Nd4j.rand(4, 28, 28) : Nd4j.rand(4, 784);
        INDArray labels = Nd4j.eye(10).getRows(1, 2, 3, 4);
        InputType type = series ? InputType.recurrent(28, 28) : InputType.convolutionalFlat(28, 28, 1);
        NetworkGraph start = Dl4jGraphs.read(model, type);
        walk(start, new MultiDataSet(features, labels), start.parameterCount() / 2, name.hashCode());
    }

    private static void walk(NetworkGraph uncalibrated, MultiDataSet batch, long large, long seed) {
        NetworkGraph start = new Calibrator(1, 512).calibrate(uncalibrated, TrainingData.of(List.of(batch)));
        Random random = new Random(seed);
        Projection projection = PROJECTIONS.get((int) Math.floorMod(seed, (long) PROJECTIONS.size()));
        List<StructuralAction> journal = new ArrayList<>();
        List<String> structures = new ArrayList<>(List.of(start.structureHash()));
        NetworkGraph current = start;
        double[] outputs = assertTrains(start, batch, "seed " + seed);
        for (int step = 1; step <= STEPS; step++) {
            StructuralAction action = choose(current, NetworkMeasures.depth(start), large, random);
            String description = "seed " + seed + ", step " + step + ", " + action;
            boolean preserves = action.preservesFunction(current, projection);
            NetworkGraph changed = action.apply(current, projection);
            double[] next = assertTrains(changed, batch, description);
            if (preserves) {
                assertClose(next, outputs, description, current);
            }
            journal.add(action);
            structures.add(changed.structureHash());
            current = changed;
            outputs = next;
        }
        for (int undone : new int[] {1, 1 + random.nextInt(STEPS), STEPS}) {
            List<StructuralAction> prefix = journal.subList(0, STEPS - undone);
            List<StructuralAction> read =
                    prefix.stream().map(Actions::toJson).map(Actions::fromJson).toList();
            assertThat(Actions.replay(start, read, projection).structureHash())
                    .as("seed " + seed + " without its last " + undone + " actions")
                    .isEqualTo(structures.get(STEPS - undone));
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
        boolean large = graph.parameterCount() > limit;
        ActionGenerator generator = (large ? Actions.neurons().add() : Actions.neurons())
                .and(Actions.global())
                .and(Actions.layers()
                        .residualStarts(Start.values())
                        .maximumParameters(limit)
                        .maximumDepth(initialDepth + 6))
                .and(Actions.inputs());
        Map<Class<?>, List<StructuralAction>> kinds = generator
                .generate(graph)
                .collect(Collectors.groupingBy(
                        StructuralAction::getClass,
                        () -> new TreeMap<>(java.util.Comparator.comparing(Class::getName)),
                        Collectors.toList()));
        if (kinds.isEmpty()) {
            return Actions.noOp();
        }
        List<List<StructuralAction>> lists = List.copyOf(kinds.values());
        List<StructuralAction> list = lists.get(random.nextInt(lists.size()));
        return list.get(random.nextInt(list.size()));
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

    private static void assertClose(double[] actual, double[] expected, String description, NetworkGraph before) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        // A walk may have driven activations far out, where single precision keeps fewer digits of the outputs.
        assertThat(difference / Math.max(scale, 1e-6))
                .as(() -> description + "\n" + before.describe())
                .isLessThan(Weights.isDouble(before) ? 1e-8 : 2e-2);
    }
}
