package org.growingnn.dl4j.data;

import java.util.Objects;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Data to train on and data to judge by.
 *
 * <p>A run chooses among many models by the validation data, so that its result looks better on it than it is on other data. A fair
 * estimate takes a third part, the test data, that the run never sees: hold it out first, split the rest, and measure the result on it
 * once, in the end.
 *
 * <pre>{@code
 * HoldOut outer = HoldOut.of(TrainingData.of(iterator), 0.2, seed);
 * HoldOut inner = HoldOut.of(outer.training(), 0.25, seed);
 * // 60 % inner.training(), 20 % inner.validation(), 20 % outer.validation() as test data
 * }</pre>
 *
 * @param training data to train on
 * @param validation data to judge by, with no example of the training data
 */
public record HoldOut(TrainingData training, TrainingData validation) {

    private static final Logger log = LoggerFactory.getLogger(HoldOut.class);

    /**
     * Checks that both are there.
     *
     * @param training data to train on
     * @param validation data to judge by
     */
    public HoldOut {
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(validation, "validation");
    }

    /**
     * Holds out the same share of every class, at least one example of each class that has two. Both parts are kept in memory; the
     * training part comes in another random order in every pass. Their batches are as large as those of the data. A class of a single example stays in the training part, with a
     * warning, since nothing can judge it.
     *
     * @param data all data
     * @param share 0 &lt; share ≤ 0.5
     * @param seed decides which examples are held out
     * @return the two parts
     * @throws IllegalArgumentException if the share is out of range or nothing would be held out
     */
    public static HoldOut of(TrainingData data, double share, long seed) {
        if (!(share > 0 && share <= 0.5)) {
            throw new IllegalArgumentException(
                    "The share to hold out (" + share + ") must be in (0, 0.5].\nMaybe 0.2?");
        }
        Examples.Split split = Examples.split(data, share, seed);
        if (split.heldOut().isEmpty()) {
            throw new IllegalArgumentException(
                    "The " + data.name() + " leaves nothing to hold out: no class has two examples, of "
                            + split.kept().stream().mapToInt(Rows::count).sum()
                            + " in all.\nMaybe give validation data of its own?");
        }
        if (!split.notHeldOut().isEmpty()) {
            log.warn(
                    "The classes {} of the {} have one example each, which stays in the training part, so that they are missing from"
                            + " the validation data; maybe give validation data of its own",
                    new TreeSet<>(split.notHeldOut()),
                    data.name());
        }
        return new HoldOut(
                Examples.reshuffled(split.kept(), split.batchSize(), seed).named("training data"),
                TrainingData.of(Examples.batches(split.heldOut(), split.batchSize()))
                        .named("validation data"));
    }
}
