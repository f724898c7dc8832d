package org.growingnn.dl4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.growingnn.dl4j.examples.Mnist;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmallestLeNetTest {

    @ParameterizedTest
    @CsvSource({"lenet-4-9-69-14-1, 2143", "lenet-5-10-76-16-1, 2792", "lenet-8-15-110-20-1, 5653"})
    void the_kept_models_are_as_small_and_as_good_as_it_is_said(String name, long parameters) throws IOException {
        ComputationGraph model = ModelSerializer.restoreComputationGraph(
                Path.of("smallest-lenet", name + ".zip").toFile(), false);

        assertThat(model.numParams()).isEqualTo(parameters);
        // 2,000 of the test digits; on all of them, the smallest errs on 1.05 %.
        assertThat(Protocol.testAccuracy(model, Mnist.bundled())).isGreaterThan(0.982);
    }
}
