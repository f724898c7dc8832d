package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.growingnn.dl4j.graph.NetworkGraph;
import org.growingnn.dl4j.graph.NetworkInput;
import org.growingnn.dl4j.graph.Operation;
import org.growingnn.dl4j.graph.Origin;
import org.growingnn.dl4j.graph.Propagation;
import org.growingnn.dl4j.graph.Signal;
import org.growingnn.dl4j.graph.UnitSpace;
import org.growingnn.dl4j.graph.Vertex;
import org.growingnn.dl4j.testing.ReferenceMatrices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The golden matrices were computed with OpenCV 4.6, by resizing an identity image with bilinear interpolation. */
class QuasiIdentityTest {

    private static final String GOLDEN = "quasi_identity.json.gz";

    /** A matrix as OpenCV computed it. */
    private record Golden(int from, int to, float[][] matrix) {

        @Override
        public String toString() {
            return from + " to " + to;
        }
    }

    static List<Golden> golden() throws IOException {
        try (InputStream packed = QuasiIdentityTest.class.getResourceAsStream(GOLDEN)) {
            List<Golden> all = new ArrayList<>();
            for (JsonNode node : new ObjectMapper().readTree(new GZIPInputStream(packed))) {
                float[][] matrix = new float[node.get("matrix").size()][];
                for (int i = 0; i < matrix.length; i++) {
                    JsonNode row = node.get("matrix").get(i);
                    matrix[i] = new float[row.size()];
                    for (int j = 0; j < matrix[i].length; j++) {
                        matrix[i][j] = row.get(j).floatValue();
                    }
                }
                all.add(new Golden(node.get("from").asInt(), node.get("to").asInt(), matrix));
            }
            return all;
        }
    }

    /** All small sizes, and those of the golden matrices. */
    static Stream<Arguments> shrinkings() throws IOException {
        return Stream.concat(
                IntStream.rangeClosed(1, 9)
                        .boxed()
                        .flatMap(from -> IntStream.rangeClosed(1, from).mapToObj(to -> Arguments.of(from, to))),
                golden().stream()
                        .filter(matrix -> matrix.to() < matrix.from() && matrix.from() > 9)
                        .map(matrix -> Arguments.of(matrix.from(), matrix.to())));
    }

    @Test
    void all_golden_matrices_are_there() throws IOException {
        assertThat(golden()).hasSize(19).anyMatch(matrix -> matrix.to() > matrix.from());
    }

    @ParameterizedTest
    @MethodSource("golden")
    void bilinear_matrices_are_bit_exact_with_opencv(Golden golden) {
        double[][] actual = QuasiIdentity.bilinear(golden.from(), golden.to()).toDense();

        assertThat(actual).hasDimensions(golden.to(), golden.from());
        for (int i = 0; i < golden.to(); i++) {
            for (int j = 0; j < golden.from(); j++) {
                assertThat(Float.floatToIntBits((float) actual[i][j]))
                        .as("row %d, column %d: %s, expected %s", i, j, actual[i][j], golden.matrix()[i][j])
                        .isEqualTo(Float.floatToIntBits(golden.matrix()[i][j]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shrinkings")
    void bilinear_rows_are_weighted_means_of_at_most_two_neighbours(int from, int to) {
        for (double[] row : QuasiIdentity.bilinear(from, to).toDense()) {
            int[] entries = IntStream.range(0, from).filter(j -> row[j] != 0).toArray();
            assertThat(Arrays.stream(row).sum()).isCloseTo(1, within(1e-7));
            assertThat(entries.length).isBetween(1, 2);
            assertThat(entries[entries.length - 1] - entries[0]).isEqualTo(entries.length - 1);
            assertThat(Arrays.stream(row).min().orElseThrow()).isNotNegative();
        }
    }

    @ParameterizedTest
    @MethodSource("shrinkings")
    void bilinear_growth_is_the_transpose_of_shrinking(int from, int to) {
        assertThat(QuasiIdentity.bilinear(to, from).toDense())
                .isDeepEqualTo(ReferenceMatrices.transpose(
                        QuasiIdentity.bilinear(from, to).toDense()));
        assertThat(QuasiIdentity.bilinear(from, to).toDense()).isDeepEqualTo(ReferenceMatrices.bilinear(from, to));
    }

    @ParameterizedTest
    @MethodSource("shrinkings")
    void the_consumer_of_the_pseudo_inverse_is_the_moore_penrose_inverse(int from, int to) {
        UnitMap map = map(Projections.pseudoInverse(), from, to);
        double[][] q = map.producer().toDense();
        double[][] inverse = ReferenceMatrices.transpose(map.consumer().toDense());

        assertThat(q).isDeepEqualTo(QuasiIdentity.bilinear(from, to).toDense());
        assertClose(ReferenceMatrices.multiply(q, inverse), identity(to));
        // Together with Q Q⁺ = I, symmetry of Q⁺Q is what makes a right inverse the Moore-Penrose inverse.
        double[][] projector = ReferenceMatrices.multiply(inverse, q);
        assertClose(projector, ReferenceMatrices.transpose(projector));
        assertThat(map.follower()).isEqualTo(map.producer());
    }

    @ParameterizedTest
    @MethodSource("shrinkings")
    void the_paper_uses_one_matrix_for_all_roles_in_both_directions(int from, int to) {
        for (UnitMap map : List.of(map(Projections.paper(), from, to), map(Projections.paper(), to, from))) {
            assertThat(map.consumer()).isEqualTo(map.producer());
            assertThat(map.follower()).isEqualTo(map.producer());
            assertThat(map.splitJitter()).isZero();
        }
        assertThat(map(Projections.paper(), from, to).producer()).isEqualTo(QuasiIdentity.bilinear(from, to));
        assertThat(map(Projections.paper(), to, from).producer()).isEqualTo(QuasiIdentity.bilinear(to, from));
    }

    @ParameterizedTest
    @MethodSource("shrinkings")
    void nearest_neighbours_select_when_shrinking_and_share_evenly_when_growing(int to, int from) {
        double[][] selection = QuasiIdentity.nearest(to, from).toDense();
        assertThat(List.of(selection)).as("each row selects a unit").allSatisfy(row -> {
            assertThat(row).containsOnly(onlyZeroAndOne(row));
            assertThat(Arrays.stream(row).sum()).isEqualTo(1);
        });
        assertThat(sumsOfColumns(selection)).as("no unit is selected twice").allMatch(sum -> sum <= 1);

        List<Double> copies = sumsOfColumns(QuasiIdentity.nearest(from, to).toDense());
        assertThat(Collections.min(copies)).as("every unit is copied").isGreaterThanOrEqualTo(1);
        assertThat(Collections.max(copies) - Collections.min(copies))
                .as("evenly")
                .isLessThanOrEqualTo(1);

        UnitMap growth = map(Projections.replication(), from, to);
        assertThat(sumsOfColumns(growth.consumer().toDense()))
                .as("the shares of a unit's copies")
                .allSatisfy(sum -> assertThat(sum).isCloseTo(1, within(1e-12)));
    }

    private static double[] onlyZeroAndOne(double[] row) {
        return row.length == 1 ? new double[] {1} : new double[] {0, 1};
    }

    private static List<Double> sumsOfColumns(double[][] matrix) {
        return Arrays.stream(ReferenceMatrices.transpose(matrix))
                .map(column -> Arrays.stream(column).sum())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "3, 0", "-1, 2"})
    void at_least_one_unit_is_needed_on_either_side(int from, int to) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QuasiIdentity.bilinear(from, to))
                .withMessageContaining(from + " to " + to);
        assertThatIllegalArgumentException().isThrownBy(() -> QuasiIdentity.nearest(from, to));
    }

    private static UnitMap map(Projection projection, int from, int to) {
        UnitSpace space = new UnitSpace(
                "hidden",
                from,
                1,
                List.of("hidden"),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                Optional.empty());
        return projection.map(emptyNetwork(), space, to);
    }

    private static NetworkGraph emptyNetwork() {
        Operation nothing = new Operation() {
            @Override
            public String type() {
                return "nothing";
            }

            @Override
            public Signal propagate(Propagation propagation) {
                return propagation.input();
            }
        };
        return new NetworkGraph(
                List.of(new NetworkInput("in", Signal.Kind.FEED_FORWARD, Signal.Format.CHANNELS_FIRST, 1)),
                List.of(new Vertex("out", List.of("in"), nothing, Map.of())),
                List.of("out"),
                new Origin() {});
    }

    private static double[][] identity(int size) {
        return ReferenceMatrices.identity(size).producer();
    }

    private static void assertClose(double[][] actual, double[][] expected) {
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                difference = Math.max(difference, Math.abs(actual[i][j] - expected[i][j]));
            }
        }
        assertThat(difference).isLessThan(1e-8);
    }
}
