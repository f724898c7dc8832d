package org.growingnn.dl4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Every command as users start it: as a process. */
class CommandsTest {

    @Test
    void inspect_tells_what_a_model_is_made_of() throws Exception {
        Cli.Result result = Cli.start("inspect", Cli.model("lenet"));

        result.done();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .contains("ComputationGraph, zip of Deeplearning4j")
                .contains("conv2   ConvolutionLayer  20x12x12  50x8x8        25,050  1,600,000  conv2")
                .contains("431,080 parameters, 2,293,000 multiply-accumulates for one example")
                .contains("output' is judged by accuracy");
    }
}
