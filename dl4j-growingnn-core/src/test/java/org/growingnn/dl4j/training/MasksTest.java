package org.growingnn.dl4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Which positions masks of the shapes leave that Deeplearning4j uses. */
class MasksTest {

    @Test
    void a_mask_has_one_value_per_step() {
        INDArray mask = Nd4j.createFromArray(new double[][] {{1, 1, 0}, {1, 0, 0}});

        assertThat(Masks.present(mask, false, 2, 3)).containsExactly(0, 1, 3);
        assertThat(Masks.present(mask.castTo(DataType.BOOL), false, 2, 3)).containsExactly(0, 1, 3);
    }

    @Test
    void a_mask_with_one_value_per_example_counts_at_all_positions() {
        INDArray mask = Nd4j.createFromArray(new double[][] {{0}, {1}});

        assertThat(Masks.present(mask, false, 2)).containsExactly(1);
        assertThat(Masks.present(mask, false, 2, 3)).containsExactly(3, 4, 5);
        assertThat(Masks.present(mask, false, 2, 2, 2)).containsExactly(4, 5, 6, 7);
    }

    @Test
    void a_mask_of_maps_may_leave_rows_out() {
        INDArray mask = Nd4j.createFromArray(new double[] {1, 0, 0, 1}).reshape(2, 1, 2, 1);

        assertThat(Masks.present(mask, false, 2, 2, 3)).containsExactly(0, 1, 2, 9, 10, 11);
    }

    @Test
    void with_a_value_per_unit_any_unit_counts() {
        INDArray perOutput = Nd4j.createFromArray(new double[][] {{0, 0}, {0, 1}});
        INDArray unitsFirst =
                Nd4j.createFromArray(new double[] {0, 1, 0, 1, 0, 0}).reshape(1, 2, 3);

        assertThat(Masks.present(perOutput, false, 2)).containsExactly(1);
        assertThat(Masks.present(unitsFirst, false, 1, 3)).containsExactly(0, 1);
        assertThat(Masks.present(unitsFirst.permute(0, 2, 1), true, 1, 3)).containsExactly(0, 1);
    }

    @Test
    void a_mask_of_another_shape_says_nothing() {
        INDArray mask = Nd4j.zeros(DataType.DOUBLE, 2, 4);

        assertThat(Masks.present(mask, false, 2, 3)).hasSize(6);
        assertThat(Masks.present(mask, false, 3, 4)).hasSize(12);
    }
}
