package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.AddNeurons;
import org.growingnn.dl4j.action.NeuronActions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.Tensor;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.testing.ActionContract;
import org.growingnn.dl4j.testing.DenseOracle;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.Models.State;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.growingnn.dl4j.testing.ReferenceMatrices;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** What holds for every network and every sequence of neuron actions. */
class SurgeryProperties {

    private static final List<Projection> PROJECTIONS =
            List.of(Projections.paper(), Projections.pseudoInverse(), Projections.replication());

    /** Beyond this, growing only costs time. */
    private static final int LARGE = 20_000;

    /** Not 0, which ND4J takes for "any". */
    private static final long RANDOM_STATE = 17;

    @Provide
    static Arbitrary<RandomNetwork> graphs() {
        return Arbitraries.longs().map(RandomNetworks::graph).dontShrink();
    }

    @Provide
    static Arbitrary<RandomNetwork> chains() {
        return Arbitraries.longs().map(RandomNetworks::chain).dontShrink();
    }

    @Provide
    static Arbitrary<RandomNetwork> unitWiseGraphs() {
        return Arbitraries.longs()
                .map(seed -> RandomNetworks.graph(seed, Trait.NO_MIXING))
                .dontShrink();
    }

    @Provide
    static Arbitrary<RandomNetwork> oracleGraphs() {
        return Arbitraries.longs()
                .map(seed -> RandomNetworks.graph(seed, Trait.NO_NORMALIZATION_ACROSS_UNITS, Trait.UNTRAINED))
                .dontShrink();
    }

    // --- immutability

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void neither_the_model_nor_its_graph_changes_whatever_is_done_with_them(
            @ForAll("graphs") RandomNetwork network, @ForAll long choice) {
        assertUnchanged(network, choice);
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void neither_the_chain_nor_its_graph_changes_whatever_is_done_with_them(
            @ForAll("chains") RandomNetwork network, @ForAll long choice) {
        assertUnchanged(network, choice);
    }

    private static void assertUnchanged(RandomNetwork network, long choice) {
        Random random = new Random(choice);
        INDArray[] features = network.features(1);
        State model = Models.state(network.model());
        double[] outputs = flat(Models.outputs(network.model(), features));
        NetworkGraph graph = network.read();
        Contents contents = Contents.of(graph);

        NetworkGraph edited = apply(graph, random, 1 + random.nextInt(3)).graph();
        Contents editedContents = Contents.of(edited);
        Nd4j.getRandom().setSeed(RANDOM_STATE);
        Model copy = write(network, graph);
        Model resized = write(network, edited);
        double next = Nd4j.getRandom().nextDouble();
        Models.fit(copy, network.batch(2), RANDOM_STATE);
        Models.fit(resized, network.batch(2), RANDOM_STATE);

        assertThat(Models.state(network.model())).as("the model").isEqualTo(model);
        assertThat(flat(Models.outputs(network.model(), features)))
                .as("the model's outputs")
                .isEqualTo(outputs);
        assertThat(Contents.of(graph)).as("the graph").isEqualTo(contents);
        assertThat(Contents.of(edited)).as("the edited graph").isEqualTo(editedContents);
        Nd4j.getRandom().setSeed(RANDOM_STATE);
        assertThat(next)
                .as("the random generator, which writing must not use")
                .isEqualTo(Nd4j.getRandom().nextDouble());
    }

    /** Structure and copies of all arrays of a graph. */
    private record Contents(String structure, Map<String, List<Double>> arrays) {

        static Contents of(NetworkGraph graph) {
            Map<String, List<Double>> arrays = new TreeMap<>();
            for (Vertex vertex : graph.vertices()) {
                vertex.parameters().forEach((key, parameter) -> {
                    arrays.put(vertex.name() + "/" + key, values(parameter.value()));
                    for (int i = 0; i < parameter.state().size(); i++) {
                        arrays.put(
                                vertex.name() + "/" + key + "/" + i,
                                values(parameter.state().get(i).value()));
                    }
                });
            }
            return new Contents(graph.structureHash(), arrays);
        }

        private static List<Double> values(Tensor tensor) {
            return Arrays.stream(tensor.toDoubles()).boxed().toList();
        }
    }

    // --- whatever is
    // applied

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void after_any_neuron_actions_a_graph_still_builds_runs_and_trains(
            @ForAll("graphs") RandomNetwork network, @ForAll long choice) {
        assertStillTrains(network, choice);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void after_any_neuron_actions_a_chain_still_builds_runs_and_trains(
            @ForAll("chains") RandomNetwork network, @ForAll long choice) {
        assertStillTrains(network, choice);
    }

    private static void assertStillTrains(RandomNetwork network, long choice) {
        Random random = new Random(choice);
        Applied applied = apply(network.read(), random, 1 + random.nextInt(6));
        ActionContract.assertRunsTrainsAndIsReadAgain(
                network, applied.graph(), applied.actions().toString());
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void the_written_widths_are_those_that_dl4j_infers(@ForAll("graphs") RandomNetwork network, @ForAll long choice)
            throws JsonProcessingException {
        Random random = new Random(choice);
        Applied applied = apply(network.read(), random, 1 + random.nextInt(3));
        String written = Dl4jGraphs.toComputationGraph(applied.graph())
                .getConfiguration()
                .toJson();

        ComputationGraphConfiguration inferred = ComputationGraphConfiguration.fromJson(written);
        inferred.getLayerActivationTypes(true, true, network.inputTypes().toArray(InputType[]::new));

        ObjectMapper mapper = new ObjectMapper();
        assertThat(mapper.readTree(inferred.toJson()))
                .as(applied.actions().toString())
                .isEqualTo(mapper.readTree(written));
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void an_action_gives_the_same_arrays_every_time_and_survives_text_and_json(
            @ForAll("graphs") RandomNetwork network, @ForAll long choice) {
        NetworkGraph graph = network.read();
        Applied applied = apply(graph, new Random(choice), 2);

        List<StructuralAction> replayed = applied.actions().stream()
                .map(action ->
                        Actions.parse(Actions.fromJson(Actions.toJson(action)).toString()))
                .toList();

        assertThat(replayed).isEqualTo(applied.actions());
        NetworkGraph again = graph;
        for (int i = 0; i < replayed.size(); i++) {
            again = replayed.get(i).apply(again, applied.projections().get(i));
        }
        assertThat(Contents.of(again)).isEqualTo(Contents.of(applied.graph()));
    }

    // --- preserving the
    // function

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void what_claims_to_preserve_the_function_does(@ForAll("graphs") RandomNetwork network, @ForAll long choice) {
        Random random = new Random(choice);
        NetworkGraph graph = network.read();
        for (int step = 0; step < 4; step++) {
            Projection projection = PROJECTIONS.get(random.nextInt(PROJECTIONS.size()));
            NetworkGraph current = graph;
            List<StructuralAction> preserving = randomRatios(random, graph)
                    .generate(graph)
                    .filter(action -> action.preservesFunction(current, projection))
                    .toList();
            if (preserving.isEmpty() || graph.parameterCount() > LARGE) {
                continue;
            }
            StructuralAction action = preserving.get(random.nextInt(preserving.size()));
            graph = action.apply(graph, projection);
            ActionContract.assertSameOutputs(network, graph, "step " + step + ": " + action + " with " + projection);
        }
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void growing_by_replication_preserves_the_function_of_every_network_whose_units_do_not_mix(
            @ForAll("unitWiseGraphs") RandomNetwork network, @ForAll long choice) {
        NetworkGraph graph = network.read();
        Random random = new Random(choice);

        assertThat(Actions.neurons().generate(graph).toList()).allSatisfy(action -> {
            boolean grows = action instanceof AddNeurons;
            assertThat(action.preservesFunction(graph, Projections.replication()))
                    .as(action.toString())
                    .isEqualTo(grows);
            assertThat(action.preservesFunction(graph, Projections.pseudoInverse()))
                    .as(action.toString())
                    .isEqualTo(grows);
            assertThat(action.preservesFunction(graph, Projections.paper()))
                    .as(action.toString())
                    .isFalse();
        });
        // All spaces at once.
        NetworkGraph grown = graph;
        for (UnitSpace space : graph.spaces()) {
            if (space.resizable()) {
                grown = Actions.addNeurons(space, 1.1 + random.nextDouble()).apply(grown, Projections.replication());
            }
        }
        ActionContract.assertSameOutputs(network, grown, grown.describe());
    }

    // --- tied
    // spaces

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void layers_that_are_summed_are_tied_and_all_of_them_get_the_new_width(
            @ForAll("oracleGraphs") RandomNetwork network, @ForAll long choice) {
        NetworkGraph graph = network.read();
        DenseOracle oracle = new DenseOracle(network);
        assertThat(graph.spaces().stream().filter(UnitSpace::resizable).map(space -> Set.copyOf(space.producers())))
                .containsExactlyInAnyOrderElementsOf(oracle.resizableSpaces());
        List<UnitSpace> candidates = graph.spaces().stream()
                .filter(UnitSpace::resizable)
                .sorted((a, b) -> b.producers().size() - a.producers().size())
                .limit(2)
                .toList();
        for (UnitSpace space : candidates) {
            int size = (int) space.size();
            int newSize = size > space.minimum() && choice % 2 == 0
                    ? Math.max((int) space.minimum(), (size + 1) / 2)
                    : 2 * size;
            StructuralAction action = newSize < size ? Actions.removeNeurons(space, 0.5) : Actions.addNeurons(space, 2);
            oracle.resize(space.producers().get(0), sized(size, newSize));
            graph = action.apply(graph, Projections.replication());
        }

        Dl4jGraphs.toComputationGraph(graph).getConfiguration().getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex layerVertex
                    && layerVertex.getLayerConf().getLayer() instanceof FeedForwardLayer layer
                    && layer.getNOut() > 0) {
                assertThat(layer.getNOut()).as("nOut of " + name).isEqualTo(oracle.widthBehind(name));
                if (layer instanceof BatchNormalization) {
                    assertThat(layer.getNIn()).as("nIn of " + name).isEqualTo(oracle.widthBehind(name));
                }
            }
        });
    }

    private static ReferenceMatrices sized(int from, int to) {
        double[][] matrix = new double[to][from];
        return new ReferenceMatrices(matrix, matrix, matrix);
    }

    // --- plain
    // DL4J

    @Property(tries = 30, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void a_saved_resized_model_names_no_class_of_the_library_and_loads_again(
            @ForAll("graphs") RandomNetwork network, @ForAll long choice) throws IOException {
        ComputationGraph resized = Dl4jGraphs.toComputationGraph(
                apply(network.read(), new Random(choice), 2).graph());
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        ModelSerializer.writeModel(resized, saved, true);

        Pattern className = Pattern.compile("\"@class\" ?: ?\"([^\"]*)\"");
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(saved.toByteArray()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String content = new String(zip.readAllBytes(), StandardCharsets.ISO_8859_1);
                assertThat(content).as(entry.getName()).doesNotContain("growingnn");
                for (Matcher matcher = className.matcher(content); matcher.find(); ) {
                    assertThat(matcher.group(1)).matches("org\\.(deeplearning4j|nd4j)\\..*");
                }
            }
        }
        ComputationGraph loaded =
                ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(saved.toByteArray()), true);
        assertThat(Models.state(loaded)).isEqualTo(Models.state(resized));
    }

    // --- helpers

    /** What was done, and what came out. */
    private record Applied(List<StructuralAction> actions, List<Projection> projections, NetworkGraph graph) {}

    private static Applied apply(NetworkGraph graph, Random random, int count) {
        List<StructuralAction> actions = new ArrayList<>();
        List<Projection> projections = new ArrayList<>();
        NetworkGraph current = graph;
        for (int i = 0; i < count; i++) {
            List<StructuralAction> applicable =
                    randomRatios(random, current).generate(current).toList();
            if (applicable.isEmpty()) {
                break;
            }
            StructuralAction action = applicable.get(random.nextInt(applicable.size()));
            Projection projection = PROJECTIONS.get(random.nextInt(PROJECTIONS.size()));
            current = action.apply(current, projection);
            actions.add(action);
            projections.add(projection);
        }
        return new Applied(actions, projections, current);
    }

    private static NeuronActions randomRatios(Random random, NetworkGraph graph) {
        NeuronActions neurons = Actions.neurons();
        if (random.nextBoolean()) {
            neurons = neurons.remove(0.05 + 0.9 * random.nextDouble(), 0.05 + 0.9 * random.nextDouble())
                    .add(1.05 + 1.5 * random.nextDouble());
        }
        return graph.parameterCount() > LARGE ? neurons.add() : neurons;
    }

    private static Model write(RandomNetwork network, NetworkGraph graph) {
        return network.model() instanceof ComputationGraph
                ? Dl4jGraphs.toComputationGraph(graph)
                : Dl4jGraphs.toMultiLayerNetwork(graph);
    }

    private static double[] flat(INDArray[] arrays) {
        return Arrays.stream(arrays)
                .flatMapToDouble(array -> Arrays.stream(Models.values(array)))
                .toArray();
    }
}
