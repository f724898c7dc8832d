package org.growingnn.dl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.config.DL4JSystemProperties;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.growingnn.dl4j.Diagnosis;
import org.growingnn.dl4j.GrowingNN;
import org.growingnn.dl4j.testing.LayerCase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Runs in a process of its own, whose native library has oneDNN; where there is none for the platform, its tests are skipped. */
class OneDnnTest {

    private static final double TOLERANCE = 1e-4;

    static Stream<LayerCase> cases() {
        return Stream.concat(ConvolutionCases.all().stream(), PositionCases.all().stream())
                .filter(testCase -> testCase.trains() && testCase.isRepeatable());
    }

    @BeforeEach
    void requireOneDnn() {
        assumeTrue(GrowingNN.diagnose().oneDnnBuilt(), "The native library has no oneDNN.");
    }

    @AfterEach
    void forget() {
        System.clearProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputs_and_gradients_are_those_of_the_path_that_is_built_in(LayerCase testCase) {
        ComputationGraph model = testCase.model();
        MultiDataSet batch = testCase.batch(3, false);
        double[][] builtIn = computed(false, model, batch);

        double[][] oneDnn = computed(true, model, batch);

        for (int i = 0; i < builtIn.length; i++) {
            // Single numbers of gradients cancel; the largest sets the scale.
            double scale =
                    Math.max(1, Arrays.stream(builtIn[i]).map(Math::abs).max().orElse(0));
            assertThat(oneDnn[i]).hasSameSizeAs(builtIn[i]);
            for (int j = 0; j < builtIn[i].length; j++) {
                assertThat(oneDnn[i][j]).isCloseTo(builtIn[i][j], Offset.offset(TOLERANCE * scale));
            }
        }
    }

    /** Gives the outputs, and the gradient of all parameters. */
    private static double[][] computed(boolean oneDnn, ComputationGraph model, MultiDataSet batch) {
        return with(oneDnn, () -> {
            ComputationGraph own = model.convertDataType(DataType.FLOAT);
            INDArray[] features = floats(batch.getFeatures());
            double[] outputs = own.output(false, features)[0]
                    .dup('c')
                    .castTo(DataType.DOUBLE)
                    .data()
                    .asDouble();
            own.setInputs(floats(batch.getFeatures()));
            own.setLabels(floats(batch.getLabels()));
            own.computeGradientAndScore();
            return new double[][] {outputs, own.getGradientsViewArray().toDoubleVector()};
        });
    }

    private static INDArray[] floats(INDArray[] arrays) {
        return Arrays.stream(arrays).map(array -> array.castTo(DataType.FLOAT)).toArray(INDArray[]::new);
    }

    /** Layers look for helpers when they are made, operations of ND4J whenever they are executed. */
    private static <T> T with(boolean oneDnn, Supplier<T> work) {
        System.setProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY, String.valueOf(!oneDnn));
        Nd4j.getEnvironment().allowHelpers(oneDnn);
        try {
            return work.get();
        } finally {
            Nd4j.getEnvironment().allowHelpers(true);
        }
    }

    @Test
    void the_diagnosis_tells_whether_layers_use_it() {
        Diagnosis before = GrowingNN.diagnose();
        assertThat(before.oneDnnUsed()).isFalse();
        assertThat(before.advice()).anyMatch(line -> line.contains("GrowingNN.useOneDnn()"));

        assertThat(GrowingNN.useOneDnn()).isTrue();

        Diagnosis after = GrowingNN.diagnose();
        assertThat(after.oneDnnUsed()).isTrue();
        assertThat(after.advice()).noneMatch(line -> line.contains("GrowingNN.useOneDnn()"));
        assertThat(after.toString()).contains("oneDNN: used by layers").contains("BLAS: OPENBLAS");
    }
}
