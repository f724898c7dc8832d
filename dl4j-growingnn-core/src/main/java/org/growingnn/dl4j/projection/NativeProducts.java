package org.growingnn.dl4j.projection;

import org.ejml.data.DMatrixRMaj;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Products of dense matrices in double precision by ND4J's BLAS, which takes a tenth of the time of those in Java. */
final class NativeProducts {

    private NativeProducts() {}

    /** Copies a matrix that is given column by column. */
    static INDArray columns(double[] values, int rows, int columns) {
        return Nd4j.create(values, new long[] {rows, columns}, 'f');
    }

    /** Copies a matrix that is given row by row. */
    static INDArray rows(double[] values, int rows, int columns) {
        return Nd4j.create(values, new long[] {rows, columns}, 'c');
    }

    /** Views a part of a matrix. */
    static INDArray part(INDArray matrix, int fromRow, int toRow, int fromColumn, int toColumn) {
        return matrix.get(NDArrayIndex.interval(fromRow, toRow), NDArrayIndex.interval(fromColumn, toColumn));
    }

    /**
     * Multiplies: {@code R := f A B + s R}, with A and B transposed if wanted.
     *
     * @param factor f
     * @param share s
     * @param result R, which A and B must not share memory with
     */
    static void add(
            double factor,
            INDArray a,
            boolean transposeA,
            INDArray b,
            boolean transposeB,
            double share,
            INDArray result) {
        // Nd4j.gemm would refuse parts of matrices as results.
        Nd4j.exec(new Mmul(
                a,
                b,
                result,
                factor,
                share,
                MMulTranspose.builder()
                        .transposeA(transposeA)
                        .transposeB(transposeB)
                        .build()));
    }

    /**
     * Multiplies.
     *
     * @param left a matrix by rows
     * @param transposed whether to take its transpose
     * @param right another one
     * @return the product
     */
    static DMatrixRMaj of(DMatrixRMaj left, boolean transposed, DMatrixRMaj right) {
        int rows = transposed ? left.numCols : left.numRows;
        if (left.data.length == 0) {
            return new DMatrixRMaj(rows, right.numCols);
        }
        // The transpose of the product by columns is the product by rows.
        try (INDArray a = rows(left.data, left.numRows, left.numCols);
                INDArray b = rows(right.data, right.numRows, right.numCols);
                INDArray product = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {right.numCols, rows}, 'f')) {
            add(1, b, true, a, !transposed, 0, product);
            return DMatrixRMaj.wrap(rows, right.numCols, product.data().asDouble());
        }
    }
}
