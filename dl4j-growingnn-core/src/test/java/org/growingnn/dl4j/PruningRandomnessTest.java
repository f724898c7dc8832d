package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.growingnn.dl4j.StructuralPruner.Recovery;
import org.growingnn.dl4j.testing.Models;
import org.growingnn.dl4j.testing.RandomNetworks;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** A pruner's randomness comes from its seed alone, and the caller's random numbers are what they would be without it. */
class PruningRandomnessTest {

    private static final Recovery TRAINING = (live, round, rounds) -> live.fit(TestData.clouds(60, 20, 1));

    private final MultiLayerNetwork model = withDropout();

    private static MultiLayerNetwork withDropout() {
        MultiLayerNetwork result = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .activation(Activation.TANH)
                .list()
                .layer(new DenseLayer.Builder().nOut(20).build())
                .layer(new DenseLayer.Builder().nOut(16).dropOut(0.5).build())
                .layer(new OutputLayer.Builder()
                        .nOut(TestData.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .dropOut(0.5)
                        .build())
                .setInputType(InputType.feedForward(TestData.FEATURES))
                .build());
        result.init();
        RandomNetworks.randomize(result, new Random(3));
        return result;
    }

    private static StructuralPruner.Builder half() {
        return StructuralPruner.to(PruningTarget.reduction(0.5)).calibrate(TestData.clouds(60, 20, 1));
    }

    private double[] weights(StructuralPruner.Builder pruner, long callersSeed) {
        Nd4j.getRandom().setSeed(callersSeed);
        return Models.values(pruner.prune(model).graph().params());
    }

    @Test
    void the_callers_generator_does_not_matter_to_calibrations() {
        assertThat(weights(half(), 1)).isEqualTo(weights(half(), 2));
    }

    @Test
    void the_callers_generator_does_not_matter_to_recoveries() {
        assertThat(weights(half().rounds(3, TRAINING), 1)).isEqualTo(weights(half().rounds(3, TRAINING), 2));
        StructuralPruner.Builder uncalibrated =
                StructuralPruner.to(PruningTarget.reduction(0.5)).rounds(2, TRAINING);
        assertThat(weights(uncalibrated, 1)).isEqualTo(weights(uncalibrated, 2));
    }

    @Test
    void how_much_a_recovery_draws_does_not_matter_to_the_next_round() {
        double[] plain = weights(half().rounds(2, (live, round, rounds) -> {}), 1);
        double[] drawing = weights(half().rounds(2, (live, round, rounds) -> Nd4j.rand(100 * round)), 1);
        assertThat(plain).isEqualTo(drawing);
    }

    @Test
    void rounds_and_purposes_have_random_numbers_of_their_own() {
        double[] drawn = new double[3];
        weights(
                half().rounds(
                                3,
                                (live, round, rounds) ->
                                        drawn[round - 1] = Nd4j.getRandom().nextDouble()),
                1);
        assertThat(Arrays.stream(drawn).distinct().count()).isEqualTo(3);
    }

    @Test
    void another_seed_gives_another_result_and_42_is_the_default() {
        double[] usual = weights(half().rounds(2, TRAINING), 1);
        assertThat(weights(half().rounds(2, TRAINING).seed(42), 1)).isEqualTo(usual);
        for (long seed : new long[] {0, 43, -1, Long.MIN_VALUE}) {
            double[] other = weights(half().rounds(2, TRAINING).seed(seed), 1);
            assertThat(other)
                    .isNotEqualTo(usual)
                    .isEqualTo(weights(half().rounds(2, TRAINING).seed(seed), 2));
        }
    }

    @Test
    void the_callers_random_numbers_are_what_they_would_have_been() {
        for (int drawnBefore : new int[] {0, 1, 7}) {
            double[] undisturbed = drawn(drawnBefore, () -> {});
            assertThat(drawn(drawnBefore, () -> half().rounds(2, TRAINING).prune(model)))
                    .isEqualTo(undisturbed);
            assertThat(drawn(
                            drawnBefore,
                            () -> assertThatIllegalArgumentException()
                                    .isThrownBy(() -> half().rounds(1, (live, round, rounds) -> {
                                                live.fit(TestData.clouds(60, 20, 1));
                                                throw new IllegalArgumentException("no more");
                                            })
                                            .prune(model))))
                    .isEqualTo(undisturbed);
        }
    }

    /** Draws numbers of all kinds, before and behind some work. */
    private static double[] drawn(int before, Runnable work) {
        Nd4j.getRandom().setSeed(9);
        for (int i = 0; i < before; i++) {
            Nd4j.rand(5);
            Nd4j.getRandom().nextDouble();
        }
        work.run();
        double[] uniform = Models.values(Nd4j.rand(5));
        double[] result = Arrays.copyOf(uniform, 8);
        result[5] = Nd4j.getRandom().nextLong();
        result[6] = Nd4j.getRandom().nextGaussian();
        // Every other one is left over from the one before.
        result[7] = Nd4j.getRandom().nextGaussian();
        assertThat(Nd4j.getRandom().getSeed()).isEqualTo(9);
        return result;
    }
}
