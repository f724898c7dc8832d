package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Work with random numbers of its own leaves no trace in the caller's. */
@SuppressWarnings("try") // States are only kept.
class RandomStateTest {

    private static double[] draw() {
        double[] drawn = new double[12];
        for (int i = 0; i < 3; i++) {
            drawn[i] = Nd4j.getRandom().nextDouble();
            drawn[3 + i] = Nd4j.getRandom().nextInt(1000);
            drawn[6 + i] = Nd4j.rand(DataType.DOUBLE, 4).getDouble(i);
            drawn[9 + i] = Nd4j.randn(DataType.FLOAT, 4).getDouble(i);
        }
        return drawn;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -5, Long.MAX_VALUE})
    void the_callers_next_numbers_are_what_they_would_have_been(long seed) {
        Nd4j.getRandom().setSeed(77);
        draw();
        double[] expected = draw();

        Nd4j.getRandom().setSeed(77);
        draw();
        try (RandomState kept = RandomState.keep(seed)) {
            draw();
            Nd4j.getRandom().setSeed(5);
        }

        assertThat(draw()).containsExactly(expected);
        assertThat(Nd4j.getRandom().getSeed()).isEqualTo(77);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -5, Long.MAX_VALUE})
    void the_numbers_within_depend_on_the_seed_alone(long seed) {
        assertThat(within(seed, 1)).containsExactly(within(seed, 2));
        assertThat(within(seed, 1)).isNotEqualTo(within(seed + 2, 1));
    }

    private static double[] within(long seed, long before) {
        Nd4j.getRandom().setSeed(before);
        draw();
        try (RandomState kept = RandomState.keep(seed)) {
            return draw();
        }
    }

    @Test
    void states_are_kept_within_one_another_and_restored_when_work_fails() {
        Nd4j.getRandom().setSeed(3);
        double[] expected = draw();

        Nd4j.getRandom().setSeed(3);
        assertThatThrownBy(() -> {
                    try (RandomState outer = RandomState.keep(1)) {
                        try (RandomState inner = RandomState.keep(2)) {
                            draw();
                        }
                        assertThat(draw()).containsExactly(within(1, 9));
                        throw new IllegalStateException("work failed");
                    }
                })
                .hasMessage("work failed");

        assertThat(draw()).containsExactly(expected);
    }
}
