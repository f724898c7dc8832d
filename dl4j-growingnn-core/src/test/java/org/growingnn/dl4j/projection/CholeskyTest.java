package org.growingnn.dl4j.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CholeskyTest {

    private static final int BLOCK = Cholesky.BLOCK;

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 3", "2, 1", "17, 4", "95, 7", "96, 1", "97, 5", "193, 30", "300, 130"})
    void solutions_are_those_of_another_decomposition_with_the_ridge_on_the_diagonal(int size, int columns) {
        RealMatrix matrix = moments(size, size + 5);
        RealMatrix target = random(size, columns, 2);
        double ridge = 0.01;

        try (Cholesky factor = Cholesky.of(ejml(matrix), ridge, ridge / 2).orElseThrow()) {
            DMatrixRMaj found = factor.solve(ejml(target));

            RealMatrix regular =
                    matrix.add(MatrixUtils.createRealIdentityMatrix(size).scalarMultiply(ridge));
            RealMatrix expected = new LUDecomposition(regular).getSolver().solve(target);
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < columns; j++) {
                    assertThat(found.get(i, j)).isEqualTo(expected.getEntry(i, j), within(1e-9));
                }
            }
        }
    }

    @Test
    void several_targets_are_solved_with_one_factorisation_and_the_matrix_stays_as_it_is() {
        DMatrixRMaj matrix = ejml(moments(2 * BLOCK + 1, 400));
        DMatrixRMaj copy = matrix.copy();
        DMatrixRMaj target = ejml(random(matrix.numRows, 3, 2));
        DMatrixRMaj given = target.copy();
        try (Cholesky factor = Cholesky.of(matrix, 1, 0.5).orElseThrow()) {
            assertThat(factor.solve(target).data).isEqualTo(factor.solve(target).data);
        }
        assertThat(matrix.data).isEqualTo(copy.data);
        assertThat(target.data).isEqualTo(given.data);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 40, BLOCK - 1, BLOCK, 2 * BLOCK})
    void a_pivot_that_is_too_small_is_noticed_wherever_it_is(int position) {
        int size = 2 * BLOCK + 1;
        DMatrixRMaj diagonal = new DMatrixRMaj(size, size);
        for (int i = 0; i < size; i++) {
            diagonal.set(i, i, 3);
        }
        diagonal.set(position, position, 0.9);
        assertThat(Cholesky.of(diagonal, 0.1, 1.01)).isEmpty();
        Cholesky.of(diagonal, 0.1, 0.99).orElseThrow().close();
        diagonal.set(position, position, -1);
        assertThat(Cholesky.of(diagonal, 0.1, Double.MIN_NORMAL)).isEmpty();
        diagonal.set(position, position, Double.NaN);
        assertThat(Cholesky.of(diagonal, 0.1, Double.MIN_NORMAL)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "false, 3, 5, 4",
        "true, 3, 5, 4",
        "false, 1, 1, 1",
        "true, 1, 7, 1",
        "false, 7, 1, 2",
        "true, 130, 1, 70"
    })
    void native_products_are_those_of_the_definition(boolean transposed, int rows, int inner, int columns) {
        RealMatrix left = random(rows, inner, 3);
        RealMatrix right = random(inner, columns, 4);
        DMatrixRMaj found = NativeProducts.of(ejml(transposed ? left.transpose() : left), transposed, ejml(right));
        assertThat(found.numRows).isEqualTo(rows);
        assertThat(found.numCols).isEqualTo(columns);
        assertThat(found.data).containsExactly(ejml(left.multiply(right)).data, within(1e-12));
    }

    @Test
    void products_of_nothing_are_zero() {
        DMatrixRMaj found = NativeProducts.of(new DMatrixRMaj(0, 4), true, new DMatrixRMaj(0, 3));
        assertThat(found.numRows).isEqualTo(4);
        assertThat(found.data).containsExactly(new double[12]);
    }

    private static RealMatrix moments(int size, int rows) {
        RealMatrix data = random(rows, size, 1);
        return data.transpose().multiply(data).scalarMultiply(1.0 / rows);
    }

    private static RealMatrix random(int rows, int columns, long seed) {
        Random random = new Random(seed);
        RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.setEntry(i, j, random.nextGaussian());
            }
        }
        return matrix;
    }

    private static DMatrixRMaj ejml(RealMatrix matrix) {
        return new DMatrixRMaj(matrix.getData());
    }
}
