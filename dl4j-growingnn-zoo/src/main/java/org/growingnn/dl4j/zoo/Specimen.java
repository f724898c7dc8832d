package org.growingnn.dl4j.zoo;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model with random weights and a small batch that suits it.
 *
 * @param name name of the zoo's class
 * @param shape shape of the batch
 * @param inputType type of the only input
 * @param builder builds the model
 * @param labels makes labels for the batch
 */
record Specimen(String name, int[] shape, InputType inputType, Builder builder, Labels labels) {

    /** Builds an initialised model. */
    @FunctionalInterface
    interface Builder {
        Model build() throws Exception;
    }

    /** Makes labels that suit features. */
    @FunctionalInterface
    interface Labels {
        INDArray make(INDArray features);
    }

    /** Describes the batch. */
    String batch() {
        return Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(" × "));
    }

    /** Makes the batch, the same at every call. */
    DataSet data() {
        Nd4j.getRandom().setSeed(7);
        INDArray features =
                Nd4j.randn(DataType.FLOAT, Arrays.stream(shape).asLongStream().toArray());
        return new DataSet(features, labels.make(features));
    }
}
