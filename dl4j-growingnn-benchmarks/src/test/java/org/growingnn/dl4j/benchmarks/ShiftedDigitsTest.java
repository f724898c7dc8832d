package org.growingnn.dl4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.growingnn.dl4j.examples.Mnist;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class ShiftedDigitsTest {

    private static final int SIDE = Mnist.STEPS;

    /** Two digits of a single pixel each, in the middle and in the corner below on the right. */
    private static ShiftedDigits digits() {
        INDArray pixels = Nd4j.zeros(2, Mnist.FEATURES);
        pixels.putScalar(0, 10 * SIDE + 14, 1);
        pixels.putScalar(1, 27 * SIDE + 27, 1);
        INDArray labels = Nd4j.zeros(2, Mnist.CLASSES);
        labels.putScalar(0, 3, 1);
        labels.putScalar(1, 8, 1);
        return ShiftedDigits.of(new DataSet(pixels, labels), 1);
    }

    @Test
    void each_digit_comes_once_an_epoch_with_its_label_and_moves_by_a_pixel_at_most() {
        Iterator<DataSet> batches = digits().batches(1, 7);
        Set<String> seen = new TreeSet<>();
        for (int epoch = 0; epoch < 400; epoch++) {
            DataSet first = batches.next();
            DataSet second = batches.next();
            assertThat(Set.of(label(first), label(second))).containsExactlyInAnyOrder(3, 8);
            seen.add(label(first) + place(first));
            seen.add(label(second) + place(second));
        }
        // What leaves the image is lost, and comes in nowhere else.
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "3 at 9,13",
                        "3 at 9,14",
                        "3 at 9,15",
                        "3 at 10,13",
                        "3 at 10,14",
                        "3 at 10,15",
                        "3 at 11,13",
                        "3 at 11,14",
                        "3 at 11,15",
                        "8 at 26,26",
                        "8 at 26,27",
                        "8 at 27,26",
                        "8 at 27,27",
                        "8 nowhere");
    }

    private static int label(DataSet batch) {
        return batch.getLabels().argMax(1).getInt(0);
    }

    private static String place(DataSet batch) {
        assertThat(batch.getFeatures().sumNumber().intValue()).isBetween(0, 1);
        int place = batch.getFeatures().argMax(1).getInt(0);
        return batch.getFeatures().getInt(0, place) == 0 ? " nowhere" : " at " + place / SIDE + "," + place % SIDE;
    }
}
