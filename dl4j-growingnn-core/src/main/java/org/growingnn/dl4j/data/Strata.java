package org.growingnn.dl4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Tells examples apart by their labels. An example with several, such as answers to several questions, classes of several steps, or labels
 * of several outputs, is put where the rarest of them is, so that what is rare has examples of its own.
 */
final class Strata {

    private final List<Classes> outputs = new ArrayList<>();

    /**
     * Counts the examples of a batch.
     *
     * @param batch labelled examples
     * @return the stratum of each, as far as is known by now
     */
    Stratum[] add(MultiDataSet batch) {
        INDArray[] arrays = batch.getLabels();
        if (arrays == null || Arrays.stream(arrays).anyMatch(Objects::isNull)) {
            throw new IllegalArgumentException(
                    "A batch has no labels, although the data had some when it was checked.\n"
                            + "Maybe the iterator gives other data in its next pass?");
        }
        List<int[][]> labels = new ArrayList<>();
        for (int output = 0; output < batch.getLabels().length; output++) {
            if (output == outputs.size()) {
                outputs.add(new Classes());
            }
            labels.add(outputs.get(output).add(batch.getLabels(output)));
        }
        return strata(labels, Rows.count(batch), false);
    }

    /**
     * Tells the strata of examples that were counted before.
     *
     * @param batch labelled examples
     * @return the stratum of each; none where labels turned out to be no classes
     */
    Stratum[] of(MultiDataSet batch) {
        return strata(Arrays.stream(batch.getLabels()).map(Classes::labels).toList(), Rows.count(batch), true);
    }

    /** Tells whether the labels of any output are classes. */
    boolean told() {
        return outputs.stream().anyMatch(Classes::told);
    }

    private Stratum[] strata(List<int[][]> labels, int examples, boolean ended) {
        Stratum[] strata = new Stratum[examples];
        Arrays.fill(strata, Stratum.NONE);
        long[] least = new long[examples];
        Arrays.fill(least, Long.MAX_VALUE);
        for (int output = 0; output < labels.size(); output++) {
            Classes counted = outputs.get(output);
            // Of one output it is enough to know in the end. Among several, numbers must not stand in the way of
            // classes.
            if ((ended || labels.size() > 1) && !counted.told()) {
                continue;
            }
            for (int row = 0; row < examples; row++) {
                for (int label : labels.get(output)[row]) {
                    long count = counted.count(label);
                    if (count < least[row]) {
                        least[row] = count;
                        strata[row] = new Stratum(output, label);
                    }
                }
            }
        }
        return strata;
    }
}
