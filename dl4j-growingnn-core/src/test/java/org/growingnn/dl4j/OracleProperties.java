package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.growingnn.dl4j.action.Actions;
import org.growingnn.dl4j.action.StructuralAction;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.SparseMatrix;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.projection.Projection;
import org.growingnn.dl4j.projection.Projections;
import org.growingnn.dl4j.projection.Resizer;
import org.growingnn.dl4j.projection.UnitMap;
import org.growingnn.dl4j.testing.DenseOracle;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetwork;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.growingnn.dl4j.testing.RandomNetworks.Trait;
import org.growingnn.dl4j.testing.ReferenceMatrices;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A resized network that Deeplearning4j runs computes what the projection's definition says, worked out from the
 * original weights by {@link DenseOracle}.
 */
class OracleProperties {

    private static final List<Double> REMOVALS = List.of(0.1, 0.5, 0.9);
    private static final List<Double> ADDITIONS = List.of(1.5, 2.0);

    @Provide
    static Arbitrary<RandomNetwork> networks() {
        return Arbitraries.longs()
                .map(seed -> RandomNetworks.graph(seed, Trait.NO_NORMALIZATION_ACROSS_UNITS))
                .dontShrink();
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void the_oracle_agrees_with_dl4j_on_networks_as_they_are(@ForAll("networks") RandomNetwork network) {
        INDArray[] features = network.features(1);

        assertAgrees(network, new DenseOracle(network), features, Models.outputs(network.model(), features), "as is");
    }

    @Property(tries = 80, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void the_paper_projection_computes_its_formula(@ForAll("networks") RandomNetwork network, @ForAll long choice) {
        assertProjects(network, choice, Projections.paper(), true);
    }

    @Property(tries = 80, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void the_pseudo_inverse_projection_computes_its_formula(
            @ForAll("networks") RandomNetwork network, @ForAll long choice) {
        assertProjects(network, choice, Projections.pseudoInverse(), false);
    }

    @Property(tries = 80, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void shrinking_by_replication_keeps_the_selected_units(
            @ForAll("networks") RandomNetwork network, @ForAll long choice) {
        assertProjects(network, choice, Projections.replication(), false);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void every_matrix_is_applied_where_its_role_says(@ForAll("networks") RandomNetwork network, @ForAll long choice) {
        Random random = new Random(choice);
        NetworkGraph graph = network.read();
        DenseOracle oracle = new DenseOracle(network);
        List<String> done = new ArrayList<>();
        for (UnitSpace space : graph.spaces()) {
            int newSize = (int) space.minimum() + random.nextInt(9);
            if (space.resizable() && random.nextBoolean()) {
                int size = (int) space.size();
                ReferenceMatrices matrices = new ReferenceMatrices(
                        random(random, newSize, size), random(random, newSize, size), means(random, newSize, size));
                graph = Resizer.resize(
                        graph,
                        graph.spaceNamed(space.name()),
                        new UnitMap(
                                SparseMatrix.ofDense(matrices.producer()),
                                SparseMatrix.ofDense(matrices.consumer()),
                                SparseMatrix.ofDense(matrices.follower())));
                oracle.resize(space.producers().get(0), matrices);
                done.add(space.name() + " to " + newSize);
            }
        }
        Assume.that(!done.isEmpty());
        INDArray[] features = network.features(1);
        assertAgrees(
                network,
                oracle,
                features,
                Models.outputs(Dl4jGraphs.toComputationGraph(graph), features),
                done.toString());
    }

    private static double[][] random(Random random, int rows, int columns) {
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            for (int j = 0; j < columns; j++) {
                row[j] = random.nextGaussian() / Math.sqrt(rows + columns);
            }
        }
        return matrix;
    }

    /** Rows of positive weights that sum to one, so that a variance stays one. */
    private static double[][] means(Random random, int rows, int columns) {
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            double sum = 0;
            for (int j = 0; j < columns; j++) {
                row[j] = 0.1 + random.nextDouble();
                sum += row[j];
            }
            for (int j = 0; j < columns; j++) {
                row[j] /= sum;
            }
        }
        return matrix;
    }

    private static void assertProjects(RandomNetwork network, long choice, Projection projection, boolean grows) {
        Random random = new Random(choice);
        NetworkGraph graph = network.read();
        DenseOracle oracle = new DenseOracle(network);
        List<StructuralAction> done = new ArrayList<>();
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times; i++) {
            List<UnitSpace> spaces = graph.spaces().stream()
                    .filter(space -> space.resizable() && (grows || space.size() > space.minimum()))
                    .toList();
            Assume.that(!spaces.isEmpty());
            UnitSpace space = spaces.get(random.nextInt(spaces.size()));
            int size = (int) space.size();
            boolean add = size == space.minimum() || grows && random.nextBoolean();
            double ratio = add ? ADDITIONS.get(random.nextInt(2)) : REMOVALS.get(random.nextInt(3));
            StructuralAction action = add ? Actions.addNeurons(space, ratio) : Actions.removeNeurons(space, ratio);
            // Written out again: what 10 % of a few units means is part of what is tested.
            int newSize = add
                    ? Math.max(size + 1, (int) Math.round(ratio * size))
                    : (int) Math.max(space.minimum(), Math.min(size - 1, Math.round((1 - ratio) * size)));

            graph = action.apply(graph, projection);
            oracle.resize(space.producers().get(0), ReferenceMatrices.of(projection.name(), size, newSize));
            done.add(action);
            assertThat(graph.spaceNamed(space.name()).size())
                    .as(done.toString())
                    .isEqualTo(newSize);
        }
        INDArray[] features = network.features(1);
        assertAgrees(
                network,
                oracle,
                features,
                Models.outputs(Dl4jGraphs.toComputationGraph(graph), features),
                done.toString());
    }

    private static void assertAgrees(
            RandomNetwork network, DenseOracle oracle, INDArray[] features, INDArray[] outputs, String description) {
        List<double[][][]> expected = oracle.outputs(features);
        CNN2DFormat format = network.inputTypes().stream()
                .filter(InputType.InputTypeConvolutional.class::isInstance)
                .map(type -> ((InputType.InputTypeConvolutional) type).getFormat())
                .findFirst()
                .orElse(CNN2DFormat.NCHW);
        for (int i = 0; i < outputs.length; i++) {
            double[][][] actual = DenseOracle.channelsFirst(outputs[i], format);
            assertThat(difference(actual, expected.get(i)))
                    .as("output " + i + " " + description)
                    .isLessThan(network.dataType() == DataType.FLOAT ? 1e-4 : 1e-9);
        }
    }

    /** The largest difference relative to the largest value. */
    private static double difference(double[][][] actual, double[][][] expected) {
        double scale = 1e-6;
        double difference = 0;
        assertThat(actual.length).isEqualTo(expected.length);
        for (int b = 0; b < expected.length; b++) {
            assertThat(actual[b].length).isEqualTo(expected[b].length);
            for (int c = 0; c < expected[b].length; c++) {
                assertThat(actual[b][c]).hasSameSizeAs(expected[b][c]);
                for (int p = 0; p < expected[b][c].length; p++) {
                    scale = Math.max(scale, Math.abs(expected[b][c][p]));
                    difference = Math.max(difference, Math.abs(actual[b][c][p] - expected[b][c][p]));
                }
            }
        }
        return difference / scale;
    }
}
