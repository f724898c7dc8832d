package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.deeplearning4j.config.DL4JSystemProperties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** What a process is told that has loaded ND4J without oneDNN. */
class DiagnosisTest {

    @BeforeEach
    void requireTheOtherLibrary() {
        assumeFalse(GrowingNN.diagnose().oneDnnBuilt());
    }

    @Test
    void it_says_what_is_active_and_what_to_add() {
        Diagnosis diagnosis = GrowingNN.diagnose();

        assertThat(diagnosis.backend()).isEqualTo("CPU");
        assertThat(diagnosis.blasThreads()).isEqualTo(Nd4j.factory().blas().getMaxThreads());
        assertThat(diagnosis.oneDnnUsed()).isFalse();
        assertThat(diagnosis.advice()).anyMatch(line -> line.contains("GrowingNN.useOneDnn()"));
        assertThat(diagnosis.toString()).contains("\nMaybe ").contains("\noneDNN: not in the native library");
    }

    @Test
    void oneDNN_that_comes_too_late_is_refused_and_changes_nothing() {
        String extension = System.getProperty("org.bytedeco.javacpp.platform.extension");
        boolean onClassPath =
                GrowingNN.diagnose().advice().stream().noneMatch(line -> line.contains("not on the class"));
        if (onClassPath) {
            assertThatThrownBy(GrowingNN::useOneDnn)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("first thing in main");
        } else {
            assertThat(GrowingNN.useOneDnn()).isFalse();
        }

        assertThat(System.getProperty("org.bytedeco.javacpp.platform.extension"))
                .isEqualTo(extension);
        assertThat(System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY))
                .isNull();
    }
}
