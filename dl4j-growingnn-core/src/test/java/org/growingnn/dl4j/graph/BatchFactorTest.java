package org.growingnn.dl4j.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class BatchFactorTest {

    @Test
    void stacking_and_unstacking_cancel_out() {
        BatchFactor stacked = BatchFactor.sum(List.of(BatchFactor.ONE, BatchFactor.ONE, BatchFactor.ONE), "stack");

        assertThat(stacked).isEqualTo(BatchFactor.ONE.multipliedBy(3)).isNotEqualTo(BatchFactor.ONE);
        assertThat(stacked.dividedBy(3)).isEqualTo(BatchFactor.ONE);
        assertThat(BatchFactor.sum(List.of(BatchFactor.ONE.dividedBy(2), BatchFactor.ONE.dividedBy(3)), "stack"))
                .hasToString("5/6");
    }

    @Test
    void unknown_numbers_are_equal_only_where_they_come_from_the_same_vertex() {
        BatchFactor folded = BatchFactor.ONE.foldedBy("a");

        assertThat(folded).isEqualTo(BatchFactor.ONE.foldedBy("a")).isNotEqualTo(BatchFactor.ONE.foldedBy("b"));
        assertThat(BatchFactor.sum(List.of(folded, folded), "stack")).isEqualTo(folded.multipliedBy(2));
        assertThat(BatchFactor.sum(List.of(folded, BatchFactor.ONE), "stack"))
                .isEqualTo(BatchFactor.ONE.foldedBy("stack"));
    }

    @Test
    void a_signal_has_examples() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchFactor.ONE.multipliedBy(0))
                .withMessageContaining("0 / 1");
    }
}
