package org.growingnn.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.config.DL4JSystemProperties;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** What a process is told whose native library has no oneDNN; {@code OneDnnTest} asks one that has. */
class DiagnosisTest {

    @Test
    void it_says_what_is_active_and_what_to_add() {
        Diagnosis diagnosis = GrowingNN.diagnose();

        assertThat(diagnosis.backend()).isEqualTo("CPU");
        assertThat(diagnosis.blasThreads()).isEqualTo(Nd4j.factory().blas().getMaxThreads());
        assertThat(diagnosis.oneDnnBuilt()).isFalse();
        assertThat(diagnosis.oneDnnUsed()).isFalse();
        assertThat(diagnosis.advice())
                .anyMatch(line ->
                        line.contains("-onednn is not on the class path") && line.contains("GrowingNN.useOneDnn()"));
        assertThat(diagnosis.toString()).contains("\nMaybe ").contains("\noneDNN: not in the native library");
    }

    @Test
    void without_its_library_oneDNN_is_not_switched_on() {
        assertThat(GrowingNN.useOneDnn()).isFalse();

        assertThat(System.getProperty(DL4JSystemProperties.DISABLE_HELPER_PROPERTY))
                .isNull();
    }
}
